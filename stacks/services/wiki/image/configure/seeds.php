<?php
// The first pages of a new wiki, so that its first visitor is told what to do.
declare(strict_types=1);

/** Writes them when there is no page at all; true when it did. */
function seedPages(string $volume, array $wiki, string $seeds): bool
{
    // Not merely "no page": whoever deleted them all does not want them back.
    if (count(scandir("$volume/pages")) > 2 || count(scandir("$volume/attic")) > 2) {
        return false;
    }
    // DokuWiki's own page on its markup, which ours link to.
    foreach (['pages' => 'txt', 'media' => '*'] as $kind => $ending) {
        @mkdir("$volume/$kind/wiki", 0700);
        foreach (glob("$seeds/$kind/*.$ending") as $file) {
            copy($file, "$volume/$kind/wiki/" . basename($file));
        }
    }
    foreach (['fr', 'en'] as $lang) {
        $folder = $lang === $wiki['lang'] ? "$volume/pages" : "$volume/pages/$lang";
        @mkdir($folder, 0700);
        $other = $lang === $wiki['lang'] ? ($lang === 'fr' ? 'en:start' : 'fr:start') : 'start';
        // What the title holds is text, not markup: DokuWiki leaves what is between %% alone.
        $title = '%%' . str_replace('%%', '', $wiki['title']) . '%%';
        $page = strtr(file_get_contents("$seeds/$lang.txt"), ['{title}' => $title, '{other}' => ":$other"]);
        writeFile("$folder/start.txt", $page);
    }
    return true;
}
