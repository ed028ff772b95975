package Vigie::Empty;

# Makes Sympa's database when the image is built.

use strict;
use warnings;
use File::Path      ();
use File::Copy      ();
use Sympa::Constants ();
use Vigie::Files;

sub database {
    my ($into) = @_;
    require Conf;
    require Sympa::DatabaseManager;
    require Sympa::Log;
    File::Path::make_path('/tmp/empty', '/usr/local/share/vigie');
    no warnings 'redefine';
    no warnings 'once';
    # Nobody is to be told that the tables are new.
    require Sympa;
    *Sympa::send_notify_to_listmaster = sub { 1 };
    Vigie::Files::write_file('/tmp/empty/sympa.conf',
        join '', map {"$_\n"} 'domain lists.example', 'listmaster root@lists.example', 'cookie none', 'db_type SQLite', "db_name $into", 'home /tmp/empty');
    $Conf::sympa_config = '/tmp/empty/sympa.conf';
    Sympa::Log->instance->{level} = 0;
    Sympa::Log->instance->{log_to_stderr} = 'err';
    Conf::load() && Sympa::DatabaseManager::probe_db() or die "the empty database cannot be made\n";
    Sympa::DatabaseManager->disconnect;
    chmod 0644, $into;
    File::Path::remove_tree('/tmp/empty');
}

1;
