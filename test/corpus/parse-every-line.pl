#!/usr/bin/env perl
# Reads the report into a hash, one name after the other; a line that is neither a pair nor a flow nor a packet is an error.
use strict;
use warnings;

die "expected 4 arguments\n" unless @ARGV == 4;
my ( $ip, $direction, $power, $action ) = @ARGV;
die "unknown direction $direction\n" unless $direction =~ /^(?:incoming|outgoing|other)$/;
die "power is no number: $power\n"   unless $power =~ /^\d+$/;
exit 0 if $action eq 'unban';
die "unknown action $action\n" unless $action =~ /^(?:ban|attack_details)$/;

my $side     = qr/(?:incoming|outgoing)/i;
my $address  = qr/[0-9a-f.:]{3,39}/;
my $endpoint = qr/(?:$address|\[$address\]):\d{1,5}/;
my ( %facts, $flows, $packets );
while ( my $line = <STDIN> ) {
    chomp $line;
    if ( $line =~ /^((?:Total|Average) $side (?:traffic|pps|flows)): (\d+) (?:mbps|(?:packets|flows) per second)$/ ) { $facts{$1} = $2 }
    elsif ( $line =~ /^($side (?:ip fragmented|syn tcp|tcp|udp|icmp) (?:traffic|pps)): (\d+) (?:mbps|packets per second)$/ ) { $facts{$1} = $2 }
    elsif ( $line =~ /^((?:Initial|Peak) attack power): (\d+) packets per second$/ ) { $facts{$1} = $2 }
    elsif ( $line =~ /^(IP|Attack (?:type|direction|protocol)): (\S+)$/ ) { $facts{$1} = $2 }
    elsif ( $line =~ /^(Average packet size for $side traffic): (\d+\.\d) bytes $/ ) { $facts{$1} = $2 }
    elsif ( $line =~ /^$endpoint [<>] $endpoint \d+ bytes \d+ packets$/ ) { $flows++ }
    elsif ( $line =~ /^[-\d]{10} [:\d]{8}\.\d{6} $endpoint > $endpoint protocol: [-a-z0-9]+ (?:flags: [-a-z,]+ )?frag: [01]  packets: 1 size: \d+ bytes ttl: \d+ sample ratio: \d+  $/ ) { $packets++ }
    elsif ( $line =~ /^(?:|Incoming|Outgoing|(?:TCP|UDP) flows: \d+|Flows have cropped due to very long list\.|manually triggered attack)$/ ) { }
    else { die "unknown line: [$line]\n" }
}
my $found = keys %facts;
die "found $found numbers and words, expected 40\n" unless $found == 40;
die "the report is about $facts{'Attack direction'}, the arguments say $direction\n" unless $facts{'Attack direction'} eq $direction;
