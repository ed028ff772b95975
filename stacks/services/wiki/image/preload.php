<?php
// Read by DokuWiki before anything else: where this image keeps what the package would keep under /etc/dokuwiki.
// Settings and rights are written anew at each start; users keep the passwords that they chose, so theirs is in the volume.
if (!defined('DOKU_CONF')) {
    define('DOKU_CONF', '/etc/dokuwiki/');
}
$config_cascade = [
    'main' => [
        'default' => ['/etc/dokuwiki/dokuwiki.php'],
        'local' => [],
        'protected' => ['/tmp/wiki/conf/settings.php'],
    ],
    'plugins' => [
        'default' => ['/etc/dokuwiki/plugins.php'],
        // Local, not protected: DokuWiki writes a list of its own where this one is missing.
        'local' => ['/tmp/wiki/conf/plugins.php'],
        'protected' => [],
    ],
    'acl' => ['default' => '/tmp/wiki/conf/acl.auth.php'],
    'plainauth.users' => ['default' => '/var/lib/dokuwiki/users/users.auth.php', 'protected' => ''],
];

// The package's DokuWiki asks for SimplePie's classes by the names of a later release than the package's SimplePie, so that
// a page which shows a feed would end in an error.
spl_autoload_register(function (string $class): void {
    if (in_array($class, ['SimplePie\SimplePie', 'SimplePie\File', 'SimplePie\Author'], true)) {
        require_once '/usr/share/php/simplepie/autoloader.php';
        $short = substr($class, strlen('SimplePie\\'));
        class_alias($short === 'SimplePie' ? $short : "SimplePie_$short", $class);
    }
});
