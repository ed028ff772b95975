<?php
// Folders and files, written so that a stop half-way leaves the old file or the new one.
declare(strict_types=1);

final class UnusableFolder extends Exception
{
}

/** The folders that DokuWiki expects in its data folder; it does not make them itself. */
function makeFolders(string $volume): void
{
    if (!is_writable($volume)) {
        throw new UnusableFolder("$volume is not writable by www-data: mount a volume that this image filled first");
    }
    foreach (['pages', 'attic', 'media', 'media_attic', 'meta', 'media_meta', 'index', 'cache', 'tmp', 'users'] as $folder) {
        @mkdir("$volume/$folder", 0700);
    }
    // The mark by which backups know a folder that can be made again: https://bford.info/cachedir/
    foreach (['cache', 'tmp'] as $folder) {
        writeFile("$volume/$folder/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    }
}

function writeFile(string $path, string $text): void
{
    // Beside, then over: also over a file that another container's start is reading.
    $beside = "$path.new";
    if (@file_put_contents($beside, $text) !== strlen($text) || !chmod($beside, 0600) || !rename($beside, $path)) {
        throw new UnusableFolder("$path cannot be written: " . (error_get_last()['message'] ?? 'disk full?'));
    }
}
