<?php
// Turns /etc/vigie/wiki.json into DokuWiki's own files, before the server starts.
declare(strict_types=1);

require __DIR__ . '/declaration.php';
require __DIR__ . '/files.php';
require __DIR__ . '/settings.php';
require __DIR__ . '/accounts.php';
require __DIR__ . '/access.php';
require __DIR__ . '/seeds.php';

const VOLUME = '/var/lib/dokuwiki';
const CONF = '/tmp/wiki/conf';

try {
    $wiki = readDeclaration('/etc/vigie/wiki.json');
    makeFolders(VOLUME);
    writeFile(CONF . '/settings.php', settings($wiki));
    writeFile(CONF . '/plugins.php', plugins());
    writeFile(CONF . '/acl.auth.php', accessRules($wiki['acl']));
    $before = readAccounts(VOLUME . '/users');
    $now = mergeAccounts($wiki['accounts'], $before);
    writeAccounts(VOLUME . '/users', $now);
    $seeded = seedPages(VOLUME, $wiki, '/usr/local/share/vigie/seeds');
    $gone = array_diff(array_keys($before), array_keys($now));
    echo sprintf(
        "wiki: %d accounts (%d new, %d removed), %d access rules%s\n",
        count($now),
        count(array_diff(array_keys($now), array_keys($before))),
        count($gone),
        count($wiki['acl']),
        $seeded ? ', first pages written' : '',
    );
} catch (BadDeclaration | UnusableFolder $problem) {
    fwrite(STDERR, "wiki: {$problem->getMessage()}\n");
    exit(78);
}
