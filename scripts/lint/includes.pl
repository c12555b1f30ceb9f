#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Check the include lines of the given files against the table in includes.sh.
use strict;
use warnings;
use File::Basename;

# room => [directories "..." may resolve to, pattern of allowed <...>]
my $kernel = qr{^(linux|asm|asm-generic|trace|kunit)/};
my @rooms = (
	[qr{^src/core/},         ['src/core'], undef],
	[qr{^src/kernel/},       ['src/kernel', 'src/core'], $kernel],
	[qr{^tools/},            ['tools', 'src/core'], qr{}],
	[qr{^tests/vm/target/},  ['tests/vm/target'], $kernel],
	[qr{^tests/vm/memtest/}, ['tests/vm/memtest', 'src'], $kernel],
	[qr{^tests/fuzz/},       ['tests', 'src/core', 'src/kernel', 'tools'], qr{}],
	[qr{^tests/bench/index\.c$}, ['tests', 'src/core', 'src/kernel'], qr{}],
	[qr{^tests/},            ['tests', 'src/core', 'tools'], qr{}],
);

# file => system headers it alone may use
my %only = (
	'libdevmapper.h' => qr{^tools/dm-task\.h$},
);

my $bad = 0;
sub complain { print "@_\n"; $bad = 1 }

sub normal {
	my @out;
	for (split m{/}, shift) {
		next if $_ eq '.' || $_ eq '';
		$_ eq '..' && @out ? pop @out : push @out, $_;
	}
	return join '/', @out;
}

# where "..." leads: beside the file, else in one of its room's directories
sub resolve {
	my ($file, $name, $dirs) = @_;
	for my $d (dirname($file), @$dirs, 'tests/unit', 'tests/sim') {
		my $p = normal("$d/$name");
		return $p if -e $p;
	}
	return undef;
}

# what is tested as it is in the tool
my %of_tool = map { $_ => 1 } (
	'tests/fuzz/image-walk.c tools/walk.h',
	'tests/fuzz/fuzz-dump.c tools/dump.h',
	'tests/fuzz/fuzz-import.c tools/import.h',
);

sub check_own {
	my ($file, $line, $name, $dirs) = @_;
	my $p = resolve($file, $name, $dirs);
	return complain("$file:$line: \"$name\" is not in the tree") unless defined $p;
	return complain("$file:$line: \"$name\" is $p: not for this directory")
		unless grep { index($p, "$_/") == 0 } @$dirs;
	complain("$file:$line: tests take nothing from the tool but its platform: \"$name\"")
		if $file =~ m{^tests/} && $p =~ m{^tools/} && $p !~ m{^tools/plat[^/]*$} &&
			!$of_tool{"$file $p"};
}

sub check_system {
	my ($file, $line, $name, $allowed) = @_;
	return if $file eq 'src/core/plat.h';
	return complain("$file:$line: <$name>: only plat.h includes from outside")
		unless defined $allowed;
	complain("$file:$line: <$name> does not belong here") unless $name =~ $allowed;
	complain("$file:$line: <$name> has one user, and this is not it")
		if $only{$name} && $file =~ m{^tools/} && $file !~ $only{$name};
}

for my $file (@ARGV) {
	my ($room) = grep { $file =~ $_->[0] } @rooms or next;
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		check_own($file, $., $1, $room->[1]) if /^\s*#\s*include\s+"([^"]+)"/;
		check_system($file, $., $1, $room->[2]) if /^\s*#\s*include\s+<([^>]+)>/;
	}
}
exit $bad;
