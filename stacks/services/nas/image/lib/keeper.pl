# Runs smbd and keeps its audit trail. Usage: keeper.pl COMMAND…
#
# One process for both, and the container's first: a server whose trail is no longer written stops with it.
use strict;
use warnings;
use lib '/usr/local/lib/vigie';
use Audit qw(from_vfs from_log to_line);
use Fcntl qw(O_WRONLY O_APPEND O_CREAT);
use IO::Select;
use POSIX qw(strftime WNOHANG);
use Socket;

my $folder = '/var/log/samba-audit';
my $days = $ENV{AUDIT_DAYS} || 365;
# "read" and "write" of one file are told once in this many seconds, or one copied film would fill the trail.
my $quiet = 60;

# vfs_full_audit speaks to syslog only. Members' processes run under their own uid, so anybody may write to the socket.
socket(my $syslog, AF_UNIX, SOCK_DGRAM, 0) or die "nas: no socket: $!\n";
unlink '/dev/log';
umask 0;
bind($syslog, pack_sockaddr_un('/dev/log')) or die "nas: /dev/log cannot be made: $!\n";
umask 027;

pipe(my $log, my $writer) or die "nas: no pipe: $!\n";
my $smbd = fork // die "nas: no process: $!\n";
if ($smbd == 0) {
    open STDOUT, '>&', $writer and open STDERR, '>&', $writer or die "nas: $!\n";
    exec @ARGV or die "nas: $ARGV[0] cannot be started: $!\n";
}
close $writer;
my $asked;
$SIG{TERM} = $SIG{INT} = sub { $asked = 1; kill TERM => $smbd };
$SIG{PIPE} = 'IGNORE';

# In every team's group from here on, to see whether a file that somebody was refused is there.
open my $teams, '<', '/run/nas/extrausers/group' or die "nas: no teams: $!\n";
$) = join ' ', 0, 0, map { (split /:/)[2] } <$teams>;

# Every hour, what has been in a recycle bin for longer than its share allows is removed, by a process of its own: a bin may be large.
my $swept = 0;
my $every = $ENV{SWEEP_SECONDS} || 3600;

sub sweep {
    return if time < $swept + $every;
    $swept = time;
    my $child = fork // return;
    return if $child;
    exec 'perl', '/usr/local/lib/vigie/sweep.pl' or POSIX::_exit(1);
}

# The housekeeper makes versions of the shares, measures them and answers the lookout. One that ends is started again, not in a hurry.
my ($housekeeper, $started) = (0, 0);

sub housekeep {
    return if $housekeeper or time < $started + 10;
    $started = time;
    $housekeeper = fork // 0;
    return if $housekeeper;
    exec 'python3', '-m', 'vigie_nas.housekeeper' or POSIX::_exit(1);
}

my ($trail, $day, $told, %last, %addresses);

sub keep {
    my ($event) = @_;
    my $now = time;
    if ($event->{event} =~ /^(?:read|write)$/ and $event->{result} eq 'ok') {
        my $key = join "\0", @$event{qw(event user ip share path)};
        return if ($last{$key} // 0) > $now - $quiet;
        # Forgotten when it is of no more use, lest a year of files stay in memory.
        if (keys %last > 5000) { %last = map { $_ => $last{$_} } grep { $last{$_} > $now - $quiet } keys %last }
        $last{$key} = $now;
    }
    my $line = to_line(strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $now), $event);
    syswrite STDOUT, $line;
    open_trail(strftime('%Y-%m-%d', gmtime $now));
    # A full disk must not keep members from reading and deleting; the container's log still has the line.
    if ($trail and (syswrite($trail, $line) // 0) == length $line) { $told = 0 }
    elsif (not $told++) { syswrite STDERR, "nas: the audit trail cannot be written in $folder: $!\n" }
}

sub open_trail {
    my ($today) = @_;
    return if $trail and $day eq $today;
    $day = $today;
    sysopen($trail, "$folder/audit-$day.jsonl", O_WRONLY | O_APPEND | O_CREAT, 0640) or undef $trail;
    my $oldest = 'audit-' . strftime('%Y-%m-%d', gmtime(time - $days * 86_400)) . '.jsonl';
    opendir my $files, $folder or return;
    unlink map { "$folder/$_" } grep { /^audit-[\d-]{10}\.jsonl$/ and $_ lt $oldest } readdir $files;
}

my $pending = '';

sub read_log {
    my $count = sysread $log, $pending, 65_536, length $pending;
    return $count if not $count;
    while ($pending =~ s/^(.*)\n//) {
        my $line = $1;
        my $event = from_log($line, \%addresses);
        if ($event) { keep($event) }
        else { syswrite STDOUT, "$line\n" }
    }
    return $count;
}

sub read_syslog {
    defined recv($syslog, my $message, 65_536, 0) or return;
    my $event = from_vfs($message, sub { lstat $_[0] });
    keep($event) if $event;
}

my $sources = IO::Select->new($syslog, $log);
my $status;
until (defined $status) {
    # A second, not a signal, bounds how long the end of smbd goes unseen: a signal may come just before the wait.
    for my $source ($sources->can_read(1)) {
        if ($source == $syslog) { read_syslog() }
        elsif (defined(my $count = read_log())) { $sources->remove($log) if $count == 0 }
    }
    sweep();
    housekeep();
    while ((my $ended = waitpid -1, WNOHANG) > 0) {
        $status = $? if $ended == $smbd;
        $housekeeper = 0 if $ended == $housekeeper;
    }
}
# What was said before the end.
while (my @ready = $sources->can_read(0)) {
    for my $source (@ready) {
        if ($source == $syslog) { read_syslog() }
        elsif (not read_log()) { $sources->remove($log) }
    }
}
exit 0 if $asked;
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
