<?php
// Who may do what where: https://www.dokuwiki.org/acl
declare(strict_types=1);

/**
 * DokuWiki's own spelling of our groups and namespaces, one rule a line.
 *
 * Of a namespace that has rules, the public sees nothing and members see what they see around it, unless its rules say
 * otherwise. DokuWiki alone would ask the namespace around it about everybody whom they do not name, so that a wiki which
 * the public reads would show the public what was kept for one team.
 */
function accessRules(array $rules): string
{
    $levels = ['' => ['@ALL' => LEVELS['none'], '@members' => LEVELS['read']]];
    foreach ($rules as $rule) {
        $group = $rule['group'] === 'everyone' ? '@ALL' : '@' . groupName($rule['group']);
        $levels[$rule['namespace']][$group] = LEVELS[$rule['level']];
    }
    ksort($levels, SORT_STRING); // what is around a namespace comes before it
    $lines = ["# acl.auth.php", '# <?php exit()?>', '# Written at each start from the declaration.', ''];
    foreach ($levels as $namespace => $groups) {
        $levels[$namespace] = $groups += [
            '@ALL' => LEVELS['none'],
            '@members' => $levels[around($namespace, $levels)]['@members'],
        ];
        foreach ($groups as $group => $level) {
            $lines[] = ($namespace === '' ? '*' : "$namespace:*") . "\t$group\t$level";
        }
    }
    return implode("\n", $lines) . "\n";
}

/** The nearest namespace around this one that has rules; '' is the whole wiki. */
function around(string $namespace, array $levels): string
{
    do {
        $namespace = substr($namespace, 0, (int) strrpos($namespace, ':'));
    } while (!isset($levels[$namespace]));
    return $namespace;
}

/** DokuWiki writes what is neither letter nor digit in a name as % and its code: auth_nameencode() in inc/auth.php. */
function groupName(string $group): string
{
    return preg_replace_callback('/[^a-z0-9]/', fn($match) => '%' . dechex(ord($match[0])), $group);
}
