package Vigie::Config;

# /etc/vigie/lists.json, read and verified.
#
#   domain       domain of every list's address
#   url          where members open the pages, such as https://listes.example.org
#   title, lang  what the pages say at their head, and in which language
#   timeZone     such as Europe/Paris: when digests are sent, and what time the archive tells; UTC when left out
#   listmasters  [ADDRESS]: they may do all that owners may, on every list
#   messageMb    largest message
#   relay        {host, port, login, passwordFile}: the mail service, which everything leaves through
#   probeList    name of the list that only the lookout uses, optional: its archive is emptied as time goes
#   lists        [{name, subject, lang, owners: [PERSON], editors: [PERSON], members: [PERSON], send, subscribe, archive, visible,
#                digest: [weekday, 0 is Sunday], replyTo}]; PERSON: {email, name}; send and subscribe: names of Sympa's scenarios;
#                archive: private, public or none; replyTo: list or sender

use strict;
use warnings;
use JSON::PP ();

our $FILE = '/etc/vigie/lists.json';

my $NAME    = qr/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?/;
my $DOMAIN  = qr/[a-z0-9-]+(?:\.[a-z0-9-]+)+/;
my $ADDRESS = qr/[^\s\@<>,;:"\\]+\@$DOMAIN/i;
my $WORD    = qr/[a-z_]+/;

# The configuration with its defaults. Dies with everything that is wrong.
sub load {
    my ($file) = (@_, $FILE);
    open my $handle, '<:raw', $file or die "$file cannot be read: the stack copies it before the first start ($!)\n";
    my $found = eval { JSON::PP->new->utf8->decode(do { local $/; <$handle> }) };
    die "$file is not JSON: $@" if ref $found ne 'HASH';
    my $declared = with_defaults($found);
    my @problems = problems($declared);
    die "$file: " . join('; ', @problems) . "\n" if @problems;
    return $declared;
}

sub with_defaults {
    my ($found) = @_;
    return {
        lang => 'fr', timeZone => 'UTC', title => 'Listes', listmasters => [], messageMb => 25, relay => undef, %$found,
        lists => [
            map {
                {   subject => $_->{name}, lang => $found->{lang} // 'fr', owners => [], editors => [], members => [],
                    send => 'privateoreditorkey', subscribe => 'auth_owner', archive => 'private', visible => JSON::PP::true,
                    digest => [], replyTo => 'sender', %$_
                }
            } @{$found->{lists} // []}
        ],
    };
}

# Each thing that is wrong, in words.
sub problems {
    my ($declared) = @_;
    my @problems;
    push @problems, 'domain is not a domain' unless ($declared->{domain} // '') =~ /\A$DOMAIN\z/;
    push @problems, 'url is not an https address without a path' unless ($declared->{url} // '') =~ m{\Ahttps?://[a-z0-9.-]+(?::\d+)?\z};
    push @problems, "lang: '$declared->{lang}' is not a language" unless $declared->{lang} =~ /\A[a-z]{2}\z/;
    push @problems, "timeZone: '$declared->{timeZone}' is not a time zone"
        unless $declared->{timeZone} =~ m{\A[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\z} && -f "/usr/share/zoneinfo/$declared->{timeZone}";
    push @problems, map {"listmasters: '$_' is not an address"} grep { !/\A$ADDRESS\z/ } @{$declared->{listmasters}};
    my %seen;
    for my $list (@{$declared->{lists}}) {
        my $name = $list->{name} // '';
        push @problems, "'$name' is not a list's name" unless $name =~ /\A$NAME\z/ && length $name <= 50;
        push @problems, "two lists are called '$name'" if $seen{$name}++;
        for my $role (qw(owners editors members)) {
            push @problems, map {"$name.$role: '$_' is not an address"} grep { !/\A$ADDRESS\z/ } map { $_->{email} // '' } @{$list->{$role}};
        }
        push @problems, map {"$name.$_: '$list->{$_}' is not a scenario"} grep { $list->{$_} !~ /\A$WORD\z/ } qw(send subscribe);
        push @problems, "$name.archive: '$list->{archive}'" unless $list->{archive} =~ /\A(?:private|public|none)\z/;
        push @problems, "$name.replyTo: '$list->{replyTo}'" unless $list->{replyTo} =~ /\A(?:list|sender)\z/;
        push @problems, map {"$name.digest: '$_' is not a day"} grep { !/\A[0-6]\z/ } @{$list->{digest}};
    }
    return @problems;
}

1;
