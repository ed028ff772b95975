# Turns what smbd says into events of the audit trail. Nothing here reads or writes; keeper.pl does.
package Audit;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(from_vfs from_log to_line);

# The bits of an access mask that change a file ([MS-SMB2] 2.2.13.1.1): write, append, delete, change rights or owner.
use constant CHANGES => 0x2 | 0x4 | 0x10000 | 0x40000 | 0x80000;
use constant DELETES => 0x10000;

# Samba makes a folder under a name of this shape, then gives it its own.
my $unfinished = qr{/\.::TMPNAME:D:[^:/]*:[^/|]*$};

# A line of vfs_full_audit, as syslog(3) sends it: "<173>Nov 24 02:52:35 smbd_audit: USER|IP|SHARE|OPERATION|RESULT|…".
# Gives an event, or nothing where the line is about no more than looking around. $exists tells whether a path does.
sub from_vfs {
    my ($message, $exists) = @_;
    chomp $message;
    $message =~ s/^<\d+>\w+ +\d+ [\d:]+ smbd_audit(?:\[\d+\])?: // or return;
    my ($user, $ip, $share, $operation, $result, $rest) = split /\|/, $message, 6;
    return unless defined $rest;
    my ($failure) = $result =~ /^fail \((.*)\)$/;
    my %event = (result => 'ok', user => $user, ip => $ip, share => $share);
    my $seen = $operation eq 'create_file' ? opened($rest, $failure) : done($operation, $rest) or return;
    return if defined $failure and not refusal(\%event, $failure, $seen, $exists);
    delete $seen->{creates};
    my $folder = qr{^/srv/shares/\Q$share\E(?:/|$)};
    for (grep defined, @$seen{qw(path to)}) { s/$folder//; $_ = '.' if $_ eq '' }
    return { %event, %$seen };
}

# Files opened: what was created or emptied is a change already; other changes show when bytes are written.
sub opened {
    my ($rest, $failure) = @_;
    my ($mask, $kind, $how, $path) = split /\|/, $rest, 4;
    return unless defined $path;
    my $access = hex $mask;
    my $creates = $how ne 'open' && $how ne 'overwrite';
    if (defined $failure) {
        my $event = $access & DELETES && $how eq 'open' ? 'delete' : $creates && $kind eq 'dir' ? 'make-folder'
            : $creates || $access & CHANGES ? 'write' : 'read';
        return { event => $event, path => $path, creates => $creates };
    }
    return { event => 'write', path => $path } if $kind eq 'file' and $how =~ /^(?:create|overwrite|overwrite_if|supersede)$/;
    return;
}

my %simple = (
    connect => 'connect', disconnect => 'disconnect', mkdirat => 'make-folder', unlinkat => 'delete',
    pread => 'read', pread_send => 'read', pwrite => 'write', pwrite_send => 'write',
);

sub done {
    my ($operation, $rest) = @_;
    if ($operation eq 'renameat') {
        my ($from, $to) = split /\|/, $rest, 2;
        return { event => 'make-folder', path => $to } if $from =~ $unfinished;
        return { event => 'rename', path => $from, to => $to };
    }
    my $event = $simple{$operation} or return;
    return { event => $event } if $event =~ /connect$/;
    return if $rest =~ $unfinished;
    return { event => $event, path => $rest };
}

# Says whether a failure is worth telling: looking for files that are not there is what clients do all day.
#
# The reason that full_audit gives is whatever error was the last one when Samba itself refused; "no such file" is then
# said of a file that is there, to someone who may only read, or of one that he tried to make.
sub refusal {
    my ($event, $failure, $seen, $exists) = @_;
    @$event{qw(result why)} = ('denied', $failure);
    return 1 if $failure =~ /denied|not permitted|read-only/i;
    if ($failure =~ /no such file|not supported/i) {
        return unless $seen->{creates} or $exists->($seen->{path});
        $event->{why} = $seen->{creates} ? 'may only read, or no such folder' : 'may only read';
        return 1;
    }
    $event->{result} = 'failed';
    return $failure !~ /exists|not a directory|is a directory|not empty/i;
}

# A line of smbd's log: sign-ins, which it writes as JSON, and shares that it refuses before any module is asked.
# $addresses remembers from where each account signed in last: the refusal does not say.
sub from_log {
    my ($line, $addresses) = @_;
    if ($line =~ /"type": "Authentication", /) {
        # The first match of each: smbd writes these before what the client sent, and escapes quotes in that.
        my ($status) = $line =~ /"status": "(\w+)"/;
        my ($ip) = $line =~ /"remoteAddress": "ipv[46]:(.*?):\d+"/;
        my ($user) = $line =~ /"clientAccount": "((?:[^"\\]|\\.)*)"/;
        return unless $status and $ip;
        $user = 'anonymous' if not defined $user or $user eq '';
        $user =~ s/\\(.)/$1 eq 'n' || $1 eq 'r' || $1 eq 't' || $1 eq 'u' ? '?' : $1/ge;
        $addresses->{$user} = $ip if $status eq 'NT_STATUS_OK';
        return { event => 'sign-in', result => 'ok', user => $user, ip => $ip } if $status eq 'NT_STATUS_OK';
        return { event => 'sign-in', result => 'denied', user => $user, ip => $ip, why => $status };
    }
    if ($line =~ /user '([^']*)' \(from session setup\) not permitted to access this share \((.*)\)$/) {
        return {
            event => 'connect', result => 'denied', user => $1, share => $2, why => 'not in a team of this share',
            $addresses->{$1} ? (ip => $addresses->{$1}) : (),
        };
    }
    return;
}

# One JSON object (RFC 8259) on a line. Whatever is in a name stays inside its quotes.
sub to_line {
    my ($time, $event) = @_;
    my @fields = (time => $time, map { defined $event->{$_} ? ($_ => $event->{$_}) : () } qw(event result user ip share path to why));
    my @pairs;
    while (my ($name, $value) = splice @fields, 0, 2) { push @pairs, "\"$name\":" . quoted($value) }
    return '{' . join(',', @pairs) . "}\n";
}

my $utf8 = qr/[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}
    |\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/x;

sub quoted {
    my ($text) = @_;
    $text =~ s{(["\\])|($utf8)|([\x00-\x1f\x7f])|.}
        {defined $1 ? "\\$1" : defined $2 ? $2 : defined $3 ? sprintf('\\u%04x', ord $3) : "\xef\xbf\xbd"}gse;
    return "\"$text\"";
}

1;
