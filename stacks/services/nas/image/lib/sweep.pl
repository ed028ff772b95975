# Removes from each share's recycle bin what has been there for too long; folders that are empty then go too.
# Reads lines "SECONDS SHARE" of /run/nas/recycle. Runs as root without capabilities, as a member of every team.
use strict;
use warnings;

open my $bins, '<', '/run/nas/recycle' or exit;
while (my $line = <$bins>) {
    my ($seconds, $share) = $line =~ /^(\d+) ([^\/\n]+)$/ or next;
    my $bin = "/srv/shares/$share/.corbeille";
    next if -l $bin or not -d $bin;
    my $removed = sweep($bin, time - $seconds);
    print "nas: $removed files left the recycle bin of $share\n" if $removed;
}

# Follows no link: a bin holds what members put there. A folder that was filled since is left.
sub sweep {
    my ($folder, $before) = @_;
    opendir my $entries, $folder or return 0;
    my $removed = 0;
    for my $name (grep { $_ ne '.' and $_ ne '..' } readdir $entries) {
        my $path = "$folder/$name";
        my $changed = (lstat $path)[9] // next;
        if (-d _) {
            $removed += sweep($path, $before);
            rmdir $path if $changed < $before;
        }
        elsif ($changed < $before) { $removed += unlink $path }
    }
    return $removed;
}
