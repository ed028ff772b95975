package Vigie::Lists;

# Makes Sympa's lists what the declaration says, in one process that has Sympa's own modules: a list is created, brought up to date, closed
# when it is no longer declared and opened again when it is declared once more. What members and owners did by themselves stays.

use strict;
use warnings;
use Encode     ();
use File::Path ();
use Conf;
use Sympa::Archive;
use Sympa::DatabaseManager;
use Sympa::List;
use Sympa::Spindle::ProcessRequest;
use Sympa::User;
use Vigie::Files;

# Marks a list as declared: others (there are none, unless somebody made one by hand) are left alone.
my $MARK = '.declared';

my %SOURCES = (owner => 'owners', editor => 'editors', member => 'members');

# Prepares the database, then each list. Dies where the database cannot be used; a list that cannot be made is reported, others go on.
# Returns the names of lists that failed.
sub synchronise {
    my ($declared) = @_;
    Sympa::DatabaseManager::probe_db() or die "the database cannot be prepared\n";
    my $database = Sympa::DatabaseManager->instance or die "the database cannot be opened\n";
    # Readers do not wait for the one who writes.
    $database->do_query('PRAGMA journal_mode=WAL');
    my $domain = $declared->{domain};
    my %wanted = map { $_->{name} => $_ } @{$declared->{lists}};
    my @failed;
    for my $list (map { $wanted{$_} } sort keys %wanted) {
        push @failed, $list->{name} unless eval { bring_up($list, $declared); 1 } or warn "lists: $list->{name}: $@";
    }
    forget_probes("$Conf::Conf{arc_path}/$declared->{probeList}\@$domain") if defined $declared->{probeList};
    for my $folder (glob "$Conf::Conf{home}/*/$MARK") {
        my ($name) = $folder =~ m{([^/]+)/\Q$MARK\E\z};
        close_list($name, $domain) unless $wanted{$name};
    }
    return @failed;
}

# What the lookout wrote to its own list is worth nothing an hour later.
sub forget_probes {
    my ($archive) = @_;
    File::Path::remove_tree($archive) if -d $archive;
}

sub bring_up {
    my ($declared_list, $declared) = @_;
    my ($name, $domain) = ($declared_list->{name}, $declared->{domain});
    my $folder = "$Conf::Conf{home}/$name";
    my $before = -d $folder && Sympa::List->new($name, $domain, {just_try => 1, skip_sync_admin => 1});
    my $was_closed = $before && $before->{admin}{status} ne 'open';
    mkdir $folder, 0771;
    mkdir "$folder/data_sources", 0771;
    my @owners = @{$declared_list->{owners}};
    # A role that nobody holds leaves its list to the listmasters, not to nobody.
    @owners = map { {email => $_} } @{$declared->{listmasters}} unless @owners;
    my %people = (owner => \@owners, editor => $declared_list->{editors}, member => $declared_list->{members});
    for my $role (sort keys %SOURCES) {
        Vigie::Files::write_file("$folder/declared.$SOURCES{$role}", Vigie::Files::people($people{$role}));
        Vigie::Files::write_file("$folder/data_sources/declared_$SOURCES{$role}.incl", "include_file $folder/declared.$SOURCES{$role}\n");
    }
    my $kept = Vigie::Files::read_file("$folder/config");
    $kept = Encode::decode('UTF-8', $kept) if defined $kept;
    my $config = Vigie::Files::list_config($declared_list, $kept);
    if (($kept // '') ne $config) {
        Vigie::Files::write_file("$folder/config", $config, 0660);
        # Sympa keeps what it has read beside the file, and compares seconds.
        unlink "$folder/config.bin";
    }
    Vigie::Files::write_file("$folder/info", '') unless -e "$folder/info";
    Vigie::Files::write_file("$folder/$MARK", '');
    my $list = Sympa::List->new($name, $domain, {reload_config => 1, skip_sync_admin => 1}) or die "Sympa does not take its configuration\n";
    # Those who subscribed by themselves were written down when the list was closed.
    $list->restore_users('member') if $was_closed;
    always_subscribed($list, $declared_list->{members});
    include($list, $_) for sort keys %SOURCES;
    # Beside its configuration, so that a snapshot has all of one list in one folder.
    $list->dump_users('member');
}

# Who leaves a list that the declaration puts them on comes back: a role cannot be unreachable.
sub always_subscribed {
    my ($list, $members) = @_;
    for my $person (@$members) {
        Sympa::DatabaseManager->instance->do_prepared_query(
            'DELETE FROM exclusion_table WHERE list_exclusion = ? AND robot_exclusion = ? AND user_exclusion = ?',
            $list->{name}, $list->{domain}, lc $person->{email});
    }
}

sub include {
    my ($list, $role) = @_;
    my $spindle = Sympa::Spindle::ProcessRequest->new(
        context => $list, action => 'include', role => $role, sender => Sympa::get_address($list, 'listmaster'),
        scenario_context => {skip => 1},
    );
    $spindle && $spindle->spin or warn "lists: $list->{name}: its ${role}s could not be brought up to date\n";
}

sub close_list {
    my ($name, $domain) = @_;
    my $list = Sympa::List->new($name, $domain, {just_try => 1}) or return;
    return if $list->{admin}{status} ne 'open';
    my $spindle = Sympa::Spindle::ProcessRequest->new(
        context => $domain, action => 'close_list', current_list => $list, mode => 'close',
        sender => Sympa::get_address($domain, 'listmaster'), scenario_context => {skip => 1},
    );
    $spindle && $spindle->spin or warn "lists: $name is no longer declared, and could not be closed\n";
}

1;
