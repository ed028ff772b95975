<?php
// Reads what the stack declared, and says everything that is wrong with it in one line.
declare(strict_types=1);

final class BadDeclaration extends Exception
{
}

const LEVELS = ['none' => 0, 'read' => 1, 'edit' => 2, 'create' => 4, 'upload' => 8, 'delete' => 16];

/**
 * The declaration, with each account's first password read from its file.
 *
 * @return array{title: string, lang: string, baseUrl: string, superuserGroups: list<string>,
 *   accounts: list<array{login: string, name: string, email: string, groups: list<string>, password: string}>,
 *   acl: list<array{namespace: string, group: string, level: string}>}
 */
function readDeclaration(string $file): array
{
    $text = @file_get_contents($file);
    if ($text === false) {
        throw new BadDeclaration("$file is missing: the stack copies it before the first start");
    }
    $wiki = json_decode($text, true);
    if (!is_array($wiki)) {
        throw new BadDeclaration("$file is not JSON: " . json_last_error_msg());
    }
    $problems = [];
    $wrong = function (string $path, string $words) use (&$problems): void {
        $problems[] = "$path $words";
    };
    $wiki += ['baseUrl' => '', 'superuserGroups' => [], 'accounts' => [], 'acl' => []];
    // DokuWiki's template prints the title as HTML.
    if (!isText($wiki['title'] ?? null) || strpbrk($wiki['title'], '<>') !== false) {
        $wrong('title', 'must be one line of text without < and >');
    }
    if (!in_array($wiki['lang'] ?? null, ['fr', 'en'], true)) {
        $wrong('lang', 'must be "fr" or "en"');
    }
    if ($wiki['baseUrl'] !== '' && (!is_string($wiki['baseUrl']) || !preg_match('~^https?://[^/\s]+$~', $wiki['baseUrl']))) {
        $wrong('baseUrl', 'must be like https://wiki.example:8443, without a path');
    }
    if (!areGroups($wiki['superuserGroups'])) {
        $wrong('superuserGroups', 'must be a list of group names');
    }
    foreach (['accounts', 'acl'] as $list) {
        if (!is_array($wiki[$list]) || !array_is_list($wiki[$list])) {
            $wrong($list, 'must be a list');
            $wiki[$list] = [];
        }
    }
    $logins = [];
    foreach ($wiki['accounts'] as $index => &$account) {
        $path = "accounts[$index]";
        $login = $account['login'] ?? null;
        if (!is_string($login) || !preg_match('/^[a-z0-9][a-z0-9._-]*$/', $login)) {
            $wrong("$path.login", 'must be lower-case letters, digits, dots, hyphens and underscores');
            continue;
        }
        if (isset($logins[$login])) {
            $wrong("$path.login", "\"$login\" is also the login of accounts[$logins[$login]]");
        }
        $logins[$login] = $index;
        foreach (['name', 'email'] as $field) {
            if (!isText($account[$field] ?? null)) {
                $wrong("$path.$field", 'must be one line of text');
            }
        }
        if (!areGroups($account['groups'] ?? null)) {
            $wrong("$path.groups", 'must be a list of group names');
        }
        $secret = $account['passwordFile'] ?? "/etc/vigie/passwords/$login";
        $account['password'] = is_string($secret) ? rtrim((string) @file_get_contents($secret), "\r\n") : '';
        if ($account['password'] === '') {
            $wrong($path, 'has no password: ' . (is_string($secret) ? "$secret is missing or empty" : 'passwordFile must be a path'));
        }
    }
    unset($account);
    foreach ($wiki['acl'] as $index => $rule) {
        if (!preg_match('/^([a-z0-9][a-z0-9_:-]*)?$/D', is_string($rule['namespace'] ?? null) ? $rule['namespace'] : '?')) {
            $wrong("acl[$index].namespace", 'must be a namespace such as "office:minutes", or "" for the whole wiki');
        }
        if (!areGroups([$rule['group'] ?? null])) {
            $wrong("acl[$index].group", 'must be a group name, "members" or "everyone"');
        }
        if (!is_string($rule['level'] ?? null) || !isset(LEVELS[$rule['level']])) {
            $wrong("acl[$index].level", 'must be one of ' . implode(', ', array_keys(LEVELS)));
        }
    }
    if ($problems) {
        throw new BadDeclaration("$file: " . implode('; ', $problems));
    }
    return $wiki;
}

function isText(mixed $value): bool
{
    return is_string($value) && $value !== '' && !preg_match('/[\x00-\x1f\x7f]/', $value);
}

function areGroups(mixed $value): bool
{
    return is_array($value)
        && array_is_list($value)
        && array_all($value, fn($group) => is_string($group) && preg_match('/^[a-z0-9][a-z0-9_-]*$/D', $group));
}
