# The people whose passwords the stack gave, as Caddy's basicauth lists them: a login and its bcrypt hash a line.
use strict;
use warnings;

my @alphabet = ('.', '/', 'A' .. 'Z', 'a' .. 'z', '0' .. '9');
open my $random, '<:raw', '/dev/urandom' or die "no random numbers: $!\n";

sub random_text {
    my ($length) = @_;
    read($random, my $bytes, $length) == $length or die "no random numbers: $!\n";
    return join '', map { $alphabet[$_ & 63] } unpack 'C*', $bytes;
}

sub hash_of {
    my ($password) = @_;
    # Caddy remembers which passwords matched: the cost is paid once a password, not at each request.
    my $hash = crypt $password, '$2a$10$' . random_text(22);
    die "no bcrypt in this system's crypt(3)\n" unless defined $hash and length $hash == 60;
    return $hash;
}

my @files = grep { m{/[a-z0-9][a-z0-9._-]*$} } glob '/etc/vigie/passwords/*';
for my $file (@files) {
    open my $secret, '<', $file or die "$file cannot be read: $!\n";
    chomp(my $password = <$secret> // '');
    die "$file is empty\n" if $password eq '';
    my ($login) = $file =~ m{([^/]+)$};
    print "$login ", hash_of($password), "\n";
}
# A list of nobody would be a mistake to Caddy; a password that nobody knows is not.
print 'nobody ', hash_of(random_text(40)), "\n" unless @files;
