#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Print functions of the given headers without a /** comment above or a comment beside.
use strict;
use warnings;

for my $file (@ARGV) {
	open my $in, '<', $file or die "$file: $!\n";
	my ($depth, $documented, $in_doc, $userspace) = (0, 0, 0, 0);
	while (<$in>) {
		if ($in_doc) {
			($in_doc, $documented) = (0, 1) if m{\*/};
			next;
		}
		if (m{^/\*\*}) {
			m{\*/} ? ($documented = 1) : ($in_doc = 1);
			next;
		}
		# a prototype at the left margin: type, name, bracket; not a static one
		if (/^(?!static|typedef|#|\/|\s|\})[A-Za-z_].*?\b(\w+)\(/ && !/^static_assert/) {
			print "$file:$.: $1() has no comment\n" unless $documented || m{;\s*/\*};
		}
		$documented = 0 if /[;{}]/;
	}
}
