#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Widths and white space of text files, a tab counting to the next multiple of 8.
use strict;
use warnings;

my $bad = 0;
sub complain { print "@_\n"; $bad = 1 }

for my $file (@ARGV) {
	next if -B $file && -s $file;
	open my $in, '<:encoding(UTF-8)', $file or die "$file: $!\n";
	my $last = "\n";
	while (<$in>) {
		$last = $_;
		chomp;
		complain("$file:$.: blanks at the end") if /\s$/;
		1 while s/^([^\t]*)\t/$1 . ' ' x (8 - length($1) % 8)/e;
		next if length() <= 100;
		# the first line of a VM test is its name and purpose, in one piece
		next if $. == 1 && $file =~ m{^tests/vm/};
		# a table or an address in prose cannot be broken; roff has its own rules
		next if $file =~ /\.md$/ && /\||https?:/;
		complain("$file:$.: " . length() . " columns");
	}
	complain("$file: no newline at the end") unless $last =~ /\n$/;
}
exit $bad;
