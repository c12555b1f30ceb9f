# SPDX-License-Identifier: GPL-2.0-only
#
# dm-remap: `make help` lists what can be made.
#
# Variables: KDIR=<kernel build directory>  W=1 (more warnings)  DESTDIR=
#            prefix=/usr/local  N=<power cuts, for check-powercut>  MINUTES=<for soak>
#            CUTS=<each, all or a number, for check-log-writes>
#            SWAP_SECONDS=<for check-swap>

prefix  ?= /usr/local
sbindir ?= $(prefix)/sbin
mandir  ?= $(prefix)/share/man

# Headers to build against: of the running kernel, else the newest installed.
ifeq ($(origin KDIR),undefined)
KDIR := $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -d /lib/modules/*/build/Makefile 2>/dev/null | \
		sort -rV | sed 's|/Makefile$$||;q'))
endif
KARGS ?=
N ?= 200
# of the guest tests, on the newer kernel within minutes
NEWER_QUICK := cgroup io-polled io-uring io-mix io-limits fs-ext4 write-bad read-error remap-cost \
	resume-other load-suspend cut-remap-small
MINUTES ?= 60

# what the module says it is for; Debian's kernel.release says something else
utsrel   = $(KDIR)/include/generated/utsrelease.h
krelease = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(utsrel))
say      = @printf '  %-7s %s\n'

all: module tools ## build the module and the tool

need-kdir:
	@test -n "$(KDIR)" -a -e "$(KDIR)/Makefile" || { \
		echo "No kernel headers found. Install them (Debian: linux-headers-amd64)," \
		     "or name a build directory: make KDIR=..." >&2; exit 1; }

kdir: need-kdir
	@echo $(KDIR)

module: need-kdir ## build src/dm-remap.ko (KDIR=, W=1)
	$(say) KBUILD $(KDIR)
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/src $(KARGS) modules

tools: ## build tools/dmremap
	$(say) MAKE tools
	@$(MAKE) -s --no-print-directory -C tools

# Installing does not build: the build needs no root, and `sudo make install`
# must leave no files of root's in the tree.
install: need-kdir ## install module (updates/), tool, man page (DESTDIR=, prefix=)
	@test -e src/dm-remap.ko -a -x tools/dmremap || { echo "Run make first." >&2; exit 1; }
	$(say) INSTALL $(DESTDIR)/lib/modules/$(krelease)/updates/dm-remap.ko
	@install -D -m 644 src/dm-remap.ko $(DESTDIR)/lib/modules/$(krelease)/updates/dm-remap.ko
	@strip --strip-debug $(DESTDIR)/lib/modules/$(krelease)/updates/dm-remap.ko
	$(say) INSTALL $(DESTDIR)$(sbindir)/dmremap
	@install -D -m 755 tools/dmremap $(DESTDIR)$(sbindir)/dmremap
	$(say) INSTALL $(DESTDIR)$(mandir)/man8/dmremap.8
	@install -D -m 644 man/dmremap.8 $(DESTDIR)$(mandir)/man8/dmremap.8
	@test -n "$(DESTDIR)" || depmod $(krelease)

uninstall: need-kdir ## remove what install put there
	$(say) REMOVE "the module, dmremap and its man page"
	@rm -f $(DESTDIR)/lib/modules/$(krelease)/updates/dm-remap.ko \
		$(DESTDIR)$(sbindir)/dmremap $(DESTDIR)$(mandir)/man8/dmremap.8
	@test -n "$(DESTDIR)" || depmod $(krelease)

setup: ## install the Debian packages that building and testing need
	@scripts/setup.sh

check: ## all tests, set up by itself; ends in "N passed, N failed"
	@scripts/check.sh

lint: ## all that a machine can check without running it
	@scripts/lint.sh

check-unit: ## unit tests of the core and the tool (ASan, UBSan)
	@$(MAKE) -s --no-print-directory -C tests/unit check

check-cli: tools ## the tool's command line, without a kernel module
	@tests/cli/run

check-sweep: ## every field of the metadata changed in every way (SWEEP="full seed=N")
	@$(MAKE) -s --no-print-directory -C tests/sweep check

# The guests get modules of their own, built by scripts/guest-build.sh.
check-vm: tools ## the module in guests: QEMU and User Mode Linux (QUICK=1: half of them in one)
	@tests/vm/run $(if $(QUICK),--quick)

check-crash: ## every crash point of every short sequence, simulated (QUICK=1, SEED=)
	@$(MAKE) -s --no-print-directory -C tests/sim check $(if $(QUICK),QUICK=1) \
		$(if $(SEED),SEED=$(SEED))

check-mutants: ## deliberate mistakes, each to be caught by the suite it names
	@tests/mutants/run

check-fuzz: ## what is parsed, fuzzed (FUZZ_SECONDS= of each target; FUZZ_FULL=1: guest, long)
	@$(MAKE) -s --no-print-directory -C tests/fuzz check
	@test -z "$(FUZZ_FULL)" || { $(MAKE) -s --no-print-directory tools && tests/vm/fuzz.sh; }

check-model: ## the protocol in the model checker spin, and mistakes it must find (FULL=1)
	@doc/model/run.sh $(if $(FULL),--full)

check-coverage: ## what no test reaches, of the module and of the core, with reasons
	@tests/coverage/run

check-log-writes: tools ## a recorded workload, the power cut after each event (CUTS=, SEED=)
	@tests/vm/log-writes.sh "$(or $(CUTS),each)"

check-powercut: tools ## N random power cuts (N=200)
	@tests/vm/powercut.sh $(N)

soak: tools ## power cuts of a whole machine under ext4 and XFS (MINUTES=60)
	@tests/vm/soak.sh $(MINUTES)

check-faults: tools ## every fault in every operation of the module (OPS=names)
	@tests/vm/faults.sh $(OPS)

check-swap: tools ## swap on it, next to no memory, bad blocks, suspends (SWAP_SECONDS=300)
	@tests/vm/swap.sh control
	@tests/vm/swap.sh $(or $(SWAP_SECONDS),300)

check-smp: tools ## two processors under KASAN and lockdep, and under KCSAN (ROUNDS=4)
	@for f in kasan kcsan; do for what in control io; do \
		ROUNDS=$(or $(ROUNDS),4) QUIET=1 tests/vm/smp.sh $$f $$what || exit 1; done; \
		PARAMETERS="run=hammer seconds=120" QUIET=1 \
			tests/vm/smp.sh $$f tests/vm/memtest || exit 1; done

check-newer: tools ## the guest tests on a newer kernel, Debian sid's (QUICK=1: minutes)
	@tests/vm/run --guest sid $(if $(QUICK),$(NEWER_QUICK))

check-reservation: tools ## 40,000 remaps, full and empty spares, copies that move: no collision
	@tests/vm/reservation.sh

bench: ## all measurements that have a bar; a table, build/bench.json, plots in doc/
	@tests/bench/all

bench-hotpath: tools ## instructions per 4 KiB read, against dm-linear
	@tests/bench/hotpath.sh

bench-scale: tools ## what the number of remaps changes, beside a dm-linear table by hand
	@tests/bench/scale.sh

bench-smp: tools ## throughput on two processors, against dm-linear
	@tests/bench/smp.sh

bench-index: tools ## a look at the index among a million entries
	@tests/bench/index.sh

bench-alloc: tools ## instructions to choose and mark a slot of the spare
	@tests/bench/alloc.sh

bench-pool: ## what a pool costs against the slab, how the health map scales
	@tests/bench/pool.sh

bench-memory: tools ## bytes of each remap and of each health record, size of the module
	@tests/bench/memory.sh

bench-assembly: tools ## how long a million remaps take to come up, against reading their table
	@tests/bench/assembly.sh

bench-storm: tools ## table blocks and flushes for each remap, when many writes fail at once
	@tests/bench/storm.sh

bench-restore: tools ## a dump and a restore of a million entries: instructions, memory, sameness
	@tests/bench/restore.sh

bench-import: tools ## commits, flushes, messages and instructions for each block of an import
	@tests/bench/import.sh

demo: ## a disk that loses sectors keeps working, shown in a guest
	@scripts/demo.sh

clean: ## remove what was built (not the cache of kernels)
	$(say) CLEAN .
	@rm -rf build
	@find src \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name Module.symvers -o -name modules.order \) -delete
	@for d in tools tests/unit tests/sim tests/sweep tests/replay; do \
		test ! -e $$d/Makefile || $(MAKE) -s --no-print-directory -C $$d clean; done

help: ## this list
	@echo "make [target] [VARIABLE=value]"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1@\2/p' $(MAKEFILE_LIST) | \
		while IFS=@ read -r target text; do printf '  %-17s %s\n' "$$target" "$$text"; done
	@echo "Headers in use: $(or $(KDIR),none found)"

.PHONY: all need-kdir kdir module tools install uninstall setup check lint check-unit check-cli \
	check-coverage check-crash check-faults check-fuzz check-log-writes check-model \
	check-mutants check-newer check-powercut check-reservation check-smp check-swap \
	check-sweep check-vm soak bench bench-alloc bench-assembly bench-hotpath bench-import \
	bench-index bench-memory bench-pool bench-restore bench-scale bench-smp bench-storm \
	demo clean help
