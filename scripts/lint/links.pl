#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Check [text](file), [text](file#heading) and `path/like.this` in Markdown files.
use strict;
use warnings;
use File::Basename;

my $bad = 0;
sub complain { print "@_\n"; $bad = 1 }

# the anchors GitHub makes of headings
sub anchors {
	my ($file) = @_;
	my %a;
	open my $in, '<', $file or return \%a;
	while (<$in>) {
		next unless /^#+\s+(.*?)\s*$/;
		my $h = lc $1;
		$h =~ s/[^\w\s-]//g;
		$h =~ s/\s/-/g;
		$a{$h} = 1;
	}
	return \%a;
}

sub check_link {
	my ($file, $line, $to) = @_;
	return if $to =~ m{^[a-z]+:};
	my ($path, $anchor) = split /#/, $to, 2;
	my $target = $path eq '' ? $file : dirname($file) . "/$path";
	return complain("$file:$line: $to does not exist") unless -e $target;
	complain("$file:$line: $to: no such heading")
		if defined $anchor && !anchors($target)->{$anchor};
}

# `src/core/x.h` and the like: a path from the top, spelled out
sub check_path {
	my ($file, $line, $path) = @_;
	complain("$file:$line: `$path` does not exist") unless -e $path;
}

for my $file (@ARGV) {
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		my $text = $_;
		check_link($file, $., $1) while $text =~ /\]\(([^)\s]+)\)/g;
		check_path($file, $., $1)
			while $text =~ m{`((?:src|tools|tests|scripts|doc|man)/[\w./-]*\w/?)`}g;
	}
}
exit $bad;
