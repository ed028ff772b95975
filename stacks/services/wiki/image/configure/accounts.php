<?php
// Accounts: declared ones, with the passwords that their owners chose since.
declare(strict_types=1);

// OWASP's floor for Argon2id: strong for generated passwords, and a hundred accounts take seconds. Passwords that people
// choose are hashed by DokuWiki with PHP's own, higher, cost.
const ARGON = ['memory_cost' => 19456, 'time_cost' => 2, 'threads' => 1];

/**
 * The accounts of the last start: the hash in use, and the hash of the password that was declared then.
 *
 * @return array<string, array{hash: string, declared: string}>
 */
function readAccounts(string $folder): array
{
    $declared = json_decode((string) @file_get_contents("$folder/declared.json"), true) ?: [];
    $accounts = [];
    foreach (@file("$folder/users.auth.php", FILE_IGNORE_NEW_LINES) ?: [] as $line) {
        $fields = str_starts_with($line, '#') ? [] : explode(':', $line, 3);
        if (count($fields) === 3) {
            $accounts[$fields[0]] = ['hash' => stripslashes($fields[1]), 'declared' => $declared[$fields[0]] ?? ''];
        }
    }
    return $accounts;
}

/**
 * The accounts from now on. A password that is declared anew replaces the one in use (it was lost, or leaked); one that
 * is declared as before leaves whatever the owner chose. Whoever is no longer declared is no longer there.
 */
function mergeAccounts(array $declared, array $before): array
{
    $accounts = [];
    foreach ($declared as $account) {
        $old = $before[$account['login']] ?? null;
        $same = $old !== null && password_verify($account['password'], $old['declared']);
        $hash = $same ? $old['declared'] : password_hash($account['password'], PASSWORD_ARGON2ID, ARGON);
        $accounts[$account['login']] = [
            'hash' => $same ? $old['hash'] : $hash,
            'declared' => $hash,
            'name' => $account['name'],
            'email' => $account['email'],
            'groups' => array_values(array_unique(['members', ...$account['groups']])),
        ];
    }
    ksort($accounts);
    return $accounts;
}

function writeAccounts(string $folder, array $accounts): void
{
    // The order matters: with the first alone written, the next start hashes anew instead of keeping a wrong password.
    writeFile("$folder/declared.json", json_encode((object) array_map(fn($account) => $account['declared'], $accounts)));
    $lines = ['# users.auth.php', '# <?php exit()?>', '# Written at each start from the declaration; only passwords stay.', ''];
    foreach ($accounts as $login => $account) {
        $fields = [(string) $login, $account['hash'], $account['name'], $account['email'], implode(',', $account['groups'])];
        $lines[] = implode(':', array_map(fn($field) => addcslashes($field, '\\:#'), $fields));
    }
    writeFile("$folder/users.auth.php", implode("\n", $lines) . "\n");
}
