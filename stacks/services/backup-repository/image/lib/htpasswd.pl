# One line of an htpasswd file, for the user of the first argument and the password on standard input. bcrypt, the best
# that restic's server knows; it remembers who it let in for a minute, so the cost is not paid at each request.
use strict;
use warnings;

chomp(my $password = <STDIN> // '');
open my $random, '<:raw', '/dev/urandom' or die "no random numbers: $!\n";
read($random, my $bytes, 22) == 22 or die "no random numbers: $!\n";
my @alphabet = ('.', '/', 'A' .. 'Z', 'a' .. 'z', '0' .. '9');
my $salt = join '', map { $alphabet[$_ & 63] } unpack 'C*', $bytes;
my $hash = crypt $password, "\$2y\$10\$$salt";
die "no bcrypt in this system's crypt(3)\n" unless defined $hash and length $hash == 60;
print "$ARGV[0]:$hash\n";
