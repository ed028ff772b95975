<?php
// `vigie-canary plant VALUE` writes a page by DokuWiki's own code; `find VALUE` has that page rendered and looks for the value:
// how it is proven that a wiki which was restored is the one that was saved.
declare(strict_types=1);

const PAGE = 'vigie:canari';

[, $verb, $value] = $argv + ['', '', ''];
if (!in_array($verb, ['plant', 'find'], true) || !preg_match('/^[A-Za-z0-9-]{8,100}$/D', $value)) {
    fwrite(STDERR, "usage: vigie-canary plant|find VALUE\n");
    exit(64);
}
define('NOSESSION', true);
$_SERVER['HTTP_HOST'] = 'localhost';
require '/usr/share/dokuwiki/inc/init.php';
if ($verb === 'plant') {
    // Small: it is no change that members are told of.
    saveWikiText(PAGE, "====== Vigie ======\n\nPage de contrôle des sauvegardes / Control page of the backups: ''$value''\n", 'vigie', true);
}
$shown = page_exists(PAGE) ? p_wiki_xhtml(PAGE, '', false) : '';
if (!str_contains($shown, $value)) {
    fwrite(STDERR, PAGE . ($shown === '' ? " is not there\n" : " does not show the value\n"));
    exit(1);
}
