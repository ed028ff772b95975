package Vigie::Files;

# What Sympa and Postfix read, as text made from the declaration. Pure, but for `write_all`.

use strict;
use warnings;
use utf8;
use Encode ();

our $STATE = '/var/lib/vigie-lists';
our $RUN   = '/run/vigie';

# Suffixes of the addresses that each list has besides its own.
our @SUFFIXES = qw(request editor subscribe unsubscribe owner);

# One line: what a declaration says must not become another parameter.
sub line {
    my ($text) = @_;
    $text =~ s/[\x00-\x1f\x7f]+/ /g;
    $text =~ s/\A\s+|\s+\z//g;
    return $text;
}

# sympa.conf. What is the same for all lists is here; what a declaration says of one list is in `list_config`.
sub sympa_conf {
    my ($declared, $cookie) = @_;
    my @settings = (
        [domain           => $declared->{domain}],
        [listmaster       => join ',', @{$declared->{listmasters}}],
        [lang             => $declared->{lang}],
        [supported_lang   => 'fr,en'],
        [title            => line($declared->{title})],
        [gecos            => line($declared->{title})],
        [wwsympa_url      => "$declared->{url}/sympa"],
        [static_content_path => '/usr/share/sympa/static_content'],
        [static_content_url  => '/static-sympa'],
        [css_path         => "$STATE/css"], [css_url => '/css-sympa'],
        [pictures_path    => "$STATE/pictures"], [pictures_url => '/pictures-sympa'],
        [home             => "$STATE/lists"], [arc_path => "$STATE/archives"], [bounce_path => "$STATE/bounces"],
        [db_type          => 'SQLite'], [db_name => "$STATE/sympa.sqlite"],
        [cookie           => $cookie],
        [sendmail         => '/usr/sbin/sendmail'],
        # Seconds between two looks into an empty spool. Its five are most of what a message takes to reach its subscribers.
        [sleep            => 1],
        # With more than one it pauses for 0.3 s before each message.
        [maxsmtp          => 1],
        [max_size         => $declared->{messageMb} * 1_000_000],
        [create_list      => 'declared'],
        [alias_manager    => 'none'],
        [password_hash    => 'bcrypt'], [max_wrong_password => 10],
        [cookie_expire    => 1440],
        # Harvesters find no address (N35), and readers no hurdle: an archive is as open as it was declared.
        [spam_protection  => 'at'], [web_archive_spam_protection => 'concealed'],
        # Each refusal is a point, half a one where it is for now only. Sympa's own thresholds of 45 and 75 are for lists of many messages a day:
        # who refuses all of five over ten days is written to, who refuses ten leaves the list, and its owners are told.
        [minimum_bouncing_count => 5], ['bouncers_level1.rate' => 5], ['bouncers_level2.rate' => 10],
        [process_archive  => 'on'], [spam_status => 'x-spam-status'],
        # A message of one's own carries one's own address for unsubscribing at one click (RFC 8058), and one's own return address.
        # Nothing of what members write is taken for a template: "footer", not "all".
        [personalization_feature => 'on'],
        ['personalization.mail_apply_on' => 'footer'], ['personalization.web_apply_on' => 'footer'],
        [verp_rate        => '100%'],
        # From is the list, "Name via list": the mail service signs in the list's domain, which is then the author's too, so that DMARC
        # (RFC 7489) holds everywhere whatever the author's own domain publishes. ARC (RFC 8617) would only help where From is kept.
        ['dmarc_protection.mode' => 'all'], ['dmarc_protection.phrase' => 'name_via_list'],
        # See bin/vigie-sympa: the mail service signs.
        ['dkim_parameters.private_key_path' => "$RUN/sympa/signed-elsewhere"], ['dkim_parameters.selector' => 'mail-service'],
        [dkim_feature     => 'on'], [dkim_add_signature_to => 'list'], [dkim_signature_apply_on => 'any'],
        [remove_headers   => 'X-Sympa-To,X-Family-To,Return-Receipt-To,Precedence,X-Sequence,Disposition-Notification-To,Sender,DKIM-Signature'],
        [log_level        => 0], [syslog => 'LOCAL1'],
    );
    return join '', map {"$_->[0]\t$_->[1]\n"} grep { length $_->[1] } @settings;
}

# The parameters of a list that the declaration decides: keys of the paragraphs that `list_config` writes.
our @DECLARED = qw(
    subject status visibility lang send subscribe unsubscribe review process_archive archive reply_to_header digest
    owner_include editor_include member_include ttl distribution_ttl
);

# A list's `config`: what the declaration decides, then what its owners have set besides. `$kept` is the file there was.
sub list_config {
    my ($list, $kept) = @_;
    my %ours = map { $_ => 1 } @DECLARED;
    my @others = grep { /\A(\S+)/ && !$ours{$1} } split /\n\s*\n/, $kept // '';
    push @others, "creation\ndate_epoch " . time() . "\nemail listmaster\@vigie.invalid" unless grep {/\Acreation\b/} @others;
    my @paragraphs = (
        'subject ' . line($list->{subject}),
        'status open',
        'visibility ' . ($list->{visible} ? 'noconceal' : 'conceal'),
        "lang $list->{lang}",
        "send $list->{send}",
        "subscribe $list->{subscribe}",
        'unsubscribe auth',
        # Members do not see each other's addresses (N35).
        'review owner',
        'process_archive ' . ($list->{archive} eq 'none' ? 'off' : 'on'),
        ($list->{archive} eq 'none' ? () : "archive\nweb_access $list->{archive}\nmail_access $list->{archive}"),
        "reply_to_header\nvalue $list->{replyTo}\napply respect",
        (@{$list->{digest}} ? 'digest ' . join(',', sort @{$list->{digest}}) . ' 18:00' : ()),
        (map {"${_}_include\nsource declared_${_}s" . ($_ eq 'owner' ? "\nprofile privileged" : '')} qw(owner editor member)),
        'ttl 3600', 'distribution_ttl 300',
        @others,
    );
    return join "\n\n", (map { s/\s+\z//r } @paragraphs), '';
}

# Sympa's file of people: an address and a name a line.
sub people {
    my ($people) = @_;
    return join '', map { lc($_->{email}) . ' ' . line($_->{name} // '') . "\n" } @$people;
}

# transport(5) and relay_recipient_maps: where each address goes inside; see bin/vigie-returned for those from which Sympa sends.
sub addresses {
    my ($declared) = @_;
    my $domain = $declared->{domain};
    # What people write to sympa-request@ the mail service hands to the listmasters: what comes here is what could not be delivered to them.
    my @lines = map {"$_\@$domain returned:sympa\@$domain"} qw(bounce sympa-owner sympa-request abuse-feedback-report);
    push @lines, map {"$_\@$domain sympa:$_\@$domain"} qw(sympa listmaster);
    for my $list (@{$declared->{lists}}) {
        my $name = $list->{name};
        push @lines, "$name\@$domain sympa:$name\@$domain";
        push @lines, map { "$name-$_\@$domain " . ($_ eq 'owner' ? "returned:$name\@$domain" : "sympa:$name-$_\@$domain") } @SUFFIXES;
    }
    return join '', map {"$_\n"} @lines;
}

# The end of main.cf.
sub main_cf {
    my ($declared) = @_;
    my $relay = $declared->{relay};
    my %settings = (
        myhostname         => "lists.$declared->{domain}",
        mydomain           => $declared->{domain},
        myorigin           => $declared->{domain},
        message_size_limit => $declared->{messageMb} * 1_100_000,
        queue_minfree      => $declared->{messageMb} * 2_200_000,
        ($relay
            ? ( relayhost => "[$relay->{host}]:$relay->{port}", smtp_sasl_auth_enable => 'yes', smtp_sasl_password_maps => "texthash:$RUN/postfix/relay",
                smtp_sasl_security_options => 'noanonymous', smtp_sasl_tls_security_options => 'noanonymous')
            : (map { $_ => 'retry:4.3.0 no mail service is declared' } qw(default_transport relay_transport))),
    );
    return join '', map {"$_ = $settings{$_}\n"} sort keys %settings;
}

# Writes a file in one step: a program that reads it meanwhile sees the old or the new, never half.
sub write_file {
    my ($path, $text, $mode, $group) = @_;
    open my $handle, '>:raw', "$path.part" or die "$path.part: $!\n";
    print {$handle} Encode::is_utf8($text) ? Encode::encode('UTF-8', $text) : $text or die "$path.part: $!\n";
    close $handle or die "$path.part: $!\n";
    chmod $mode // 0644, "$path.part";
    chown 0, scalar getgrnam($group), "$path.part" if defined $group;
    rename "$path.part", $path or die "$path: $!\n";
}

sub read_file {
    my ($path) = @_;
    open my $handle, '<:raw', $path or return undef;
    local $/;
    return scalar <$handle>;
}

# All that does not change while the container runs. Lists are Vigie::Lists' to make.
sub write_all {
    my ($declared, $cookie) = @_;
    write_file("$RUN/sympa/sympa.conf", sympa_conf($declared, $cookie), 0640, 'sympa');
    write_file("$RUN/postfix/lists", addresses($declared));
    my $fixed = '/usr/local/share/postfix';
    system('cp', '-a', "$fixed/.", '/run/postfix') == 0 or die "/run/postfix cannot be written\n";
    write_file('/run/postfix/main.cf', read_file("$fixed/main.cf") . "\n# --- from the declaration\n" . main_cf($declared));
    if (my $relay = $declared->{relay}) {
        my $password = read_file($relay->{passwordFile}) // die "$relay->{passwordFile} is missing\n";
        $password =~ s/\s+\z//;
        write_file("$RUN/postfix/relay", "[$relay->{host}]:$relay->{port} $relay->{login}:$password\n", 0600);
    }
}

1;
