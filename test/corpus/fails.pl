#!/usr/bin/env perl
# Fails at once each time, with more words than anybody reads.
use strict;
use warnings;

print STDERR 'cannot reach the router ' x 4000, "\n";
exit 1;
