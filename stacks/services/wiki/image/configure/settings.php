<?php
// DokuWiki's settings. They are "protected": its configuration page shows them and cannot change them.
declare(strict_types=1);

function settings(array $wiki): string
{
    $conf = [
        'title' => $wiki['title'],
        'lang' => $wiki['lang'],
        'baseurl' => $wiki['baseUrl'],
        'basedir' => '/',
        'userewrite' => 1,
        'useslash' => 1,
        'savedir' => VOLUME,
        'lockdir' => '/tmp/wiki/locks',
        'logdir' => '/tmp/wiki/log',
        'useacl' => 1,
        'authtype' => 'authplain',
        'passcrypt' => 'argon2id',
        'defaultgroup' => 'members',
        'superuser' => implode(',', array_map(fn($group) => "@$group", $wiki['superuserGroups'])) ?: '!!nobody!!',
        // Accounts come from the declaration; a member changes his own password in his profile.
        'disableactions' => 'register,resendpwd,profile_delete',
        'autopasswd' => 0,
        'securecookie' => 1,
        'updatecheck' => 0,
        'useheading' => 1,
        'send404' => 1,
        'license' => '',
        'subscribers' => 0,
    ];
    $lines = array_map(fn($name, $value) => sprintf('$conf[%s] = %s;', var_export($name, true), var_export($value, true)), array_keys($conf), $conf);
    return "<?php\n" . implode("\n", $lines) . "\n";
}

/** What is decided in the declaration cannot be changed in the wiki, where the next start would undo it. */
function plugins(): string
{
    $off = ['acl', 'authad', 'authldap', 'authpdo', 'config', 'extension', 'popularity', 'styling', 'usermanager'];
    return "<?php\n" . implode('', array_map(fn($name) => "\$plugins['$name'] = 0;\n", $off));
}
