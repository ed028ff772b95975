<?php
// Who may do what where: https://www.dokuwiki.org/acl
declare(strict_types=1);

/**
 * DokuWiki's own spelling of our groups and namespaces, one rule a line.
 *
 * A namespace that rules name is open to whom they name, and to nobody else. DokuWiki alone would ask the namespace above
 * about anybody whom they do not, so that a wiki that the public reads would show the public what members may not see.
 */
function accessRules(array $rules): string
{
    $table = ['* @ALL' => LEVELS['none'], '* @members' => LEVELS['read']];
    foreach ($rules as $rule) {
        $scope = $rule['namespace'] === '' ? '*' : $rule['namespace'] . ':*';
        $table["$scope @ALL"] ??= LEVELS['none'];
        $group = $rule['group'] === 'everyone' ? '@ALL' : '@' . groupName($rule['group']);
        $table["$scope $group"] = LEVELS[$rule['level']];
    }
    $lines = ["# acl.auth.php", '# <?php exit()?>', '# Written at each start from the declaration.', ''];
    foreach ($table as $who => $level) {
        $lines[] = strtr($who, ' ', "\t") . "\t$level";
    }
    return implode("\n", $lines) . "\n";
}

/** DokuWiki writes what is neither letter nor digit in a name as % and its code: auth_nameencode() in inc/auth.php. */
function groupName(string $group): string
{
    return preg_replace_callback('/[^a-z0-9]/', fn($match) => '%' . dechex(ord($match[0])), $group);
}
