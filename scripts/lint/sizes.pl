#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Lines of functions (between the braces at the left margin) and of files.
use strict;
use warnings;

my %limit = ('function' => [60, 80], 'file' => [400, 600]);
my $bad = 0;

sub judge {
	my ($kind, $lines, $where, $name) = @_;
	my ($habit, $max) = @{$limit{$kind}};
	return if $lines <= $habit;
	my $word = $lines > $max ? "over $max" : "note: over $habit";
	$bad = 1 if $lines > $max;
	print "$where: $kind $name has $lines lines ($word)\n";
}

for my $file (@ARGV) {
	open my $in, '<', $file or die "$file: $!\n";
	my ($name, $start) = ('', 0);
	while (<$in>) {
		$name = $1 if /^[A-Za-z_][^=;]*?\b(\w+)\(/;
		$start = $. if /^\{\s*$/;
		if (/^\}\s*$/ && $start) {
			judge('function', $. - $start - 1, "$file:$start", "$name()");
			$start = 0;
		}
	}
	judge('file', $., $file, '');
}
exit $bad;
