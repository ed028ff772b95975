# Makes a share's folder root:GID 2770, or corrects it. Usage: folder.pl PATH GID
#
# As a member of the group: root without CAP_CHOWN and CAP_FSETID may give a folder of its own to a group that it is in,
# and only such a folder may carry the setgid bit.
use strict;
use warnings;

my ($path, $gid) = @ARGV;
$) = "$gid $gid";
umask 0;
mkdir $path, 0770 or $!{EEXIST} or die "nas: $path cannot be made: $!\n";
my ($uid, $group, $mode) = (stat $path)[4, 5, 2];
exit if $uid != 0 or ($group == $gid and ($mode & 07777) == 02770);
chown -1, $gid, $path or die "nas: $path cannot be given to group $gid: $!\n";
chmod 02770, $path or die "nas: $path cannot be opened to its team: $!\n";
