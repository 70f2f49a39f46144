#!/usr/bin/env perl
# Builds a mail as operators send it and hands it to a program, here one that keeps it in a file.
use strict;
use warnings;

my ( $ip, $direction, $power, $action ) = @ARGV;
my $out     = "$ENV{CORPUS_OUT}/$ip.mail";
my $subject = $action eq 'unban' ? "FastNetMon Guard: IP $ip unblocked" : "FastNetMon Guard: IP $ip blocked because $direction attack with power $power pps";
my $body    = $action eq 'unban' ? '' : do { local $/; <STDIN> };
open my $mail, '>>', $out or die "$out: $!\n";
print {$mail} "To: noc\@example.net\nSubject: $subject\n\n$body\n.\n";
close $mail or die "$out: $!\n";
