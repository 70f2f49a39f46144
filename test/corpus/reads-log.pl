#!/usr/bin/env perl
# Follows the log as watchers do: the call it is, the ban that is over, the power of the attack.
use strict;
use warnings;

my ( $ip, $direction, $power, $action ) = @ARGV;
my $stamp = qr/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[INFO\]/m;
my %wanted = (
    ban => [
        qr/$stamp We run execute_ip_ban code with following params  in_pps: \d+ out_pps: \d+ in_bps: \d+ out_bps: \d+ and we decide it's $direction attack$/m,
        qr/$stamp Attack with direction: $direction IP: \Q$ip\E Power: $power$/m,
        qr/$stamp Call script for ban client: \Q$ip\E$/m,
    ],
    attack_details => [qr/$stamp Call script for notify about attack details for: \Q$ip\E$/m],
    unban          => [
        qr/$stamp We will unban banned IP: \Q$ip\E because it ban time \d+ seconds is ended$/m,
        qr/$stamp Call script for unban client: \Q$ip\E$/m,
    ],
);
for my $line ( @{ $wanted{$action} or die "unknown action $action\n" } ) {
    my $found;
    for ( 1 .. 20 ) {
        open my $log, '<', $ENV{CORPUS_LOG} or die "$ENV{CORPUS_LOG}: $!\n";
        my $text = do { local $/; <$log> };
        close $log;
        last if $found = $text =~ $line;
        select undef, undef, undef, 0.1;
    }
    die "the log has no line like $line\n" unless $found;
}
