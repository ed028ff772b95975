package Vigie::Returned;

# What came to an address from which Sympa sends: a list's -owner, bounce+SOMEBODY, sympa-owner. Programs answer there, and people too.

use strict;
use warnings;

# The message's fields, each on one line.
sub fields {
    my ($text) = @_;
    my $head = (split /\r?\n\r?\n/, $text, 2)[0] // '';
    $head =~ s/\r?\n[ \t]+/ /g;
    return split /\r?\n/, $head;
}

# What each `Action` of a report says was done (RFC 3464 section 2.3.3): failed, delayed, delivered, relayed, expanded.
sub actions {
    my ($text) = @_;
    my ($report) = $text =~ m{^content-type:[ \t]*message/(?:global-)?delivery-status\b.*?\n\r?\n(.*?)(?:^--|\z)}ims or return;
    return map {lc} $report =~ /^action:[ \t]*([a-z]+)/img;
}

# `letter`: somebody wrote it. `bounce`: a program did, and Sympa finds out what about. `notice`: a program tells that a message is
# late or has arrived, which Sympa would count against its subscriber.
# `$text` begins with the Return-Path that Postfix adds; what follows the first megabyte of a message is not needed.
sub kind {
    my ($text) = @_;
    my @fields = fields($text);
    my ($return_path) = map { /\Areturn-path:\s*(.*?)\s*\z/i ? $1 : () } @fields;
    # RFC 3834 section 5: what is not written by hand says so, whoever it names as its sender.
    my $by_program = ($return_path // '') =~ /\A(?:<>|)\z/
        || grep {m{\A(?:content-type:\s*multipart/report\b|auto-submitted:\s*(?!no\b)\S)}i} @fields;
    return 'letter' unless $by_program;
    my @actions = actions($text);
    return @actions && !grep({ $_ eq 'failed' } @actions) ? 'notice' : 'bounce';
}

1;
