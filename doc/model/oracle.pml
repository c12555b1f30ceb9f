/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Oracle: what a read of a block of main may give. It knows what the user knows:
 * which writes were acknowledged, which are under way or failed.
 *
 * Versions of a block's data are small numbers: 1 is what counts, 2 and up are
 * writes since that were not acknowledged, 0 is all that must never be read
 * again: older versions, zeros, another block's data. When a write is
 * acknowledged its version becomes 1 wherever it lies, and all others 0. So
 * histories that differ only in what nobody may read any more are one state.
 */

byte main[BLOCKS];		/* version that main itself has; its writes are durable at once */
byte may[BLOCKS];		/* versions that may be read, as a mask */

c_code {
	static void oracle_settle_cell(uchar *x, int b, int v)
	{
		if (*x && *x / 8 == b)
			*x = *x % 8 == v ? 8 * b + 1 : 0;
	}

	/* Version v of block b is the one that counts. */
	static void oracle_settle(int b, int v)
	{
		int s;

		for (s = 0; s < CELLS; s++) {
			oracle_settle_cell(&now.cell[s], b, v);
			oracle_settle_cell(&now.ccell[s], b, v);
		}
		now.main[b] = now.main[b] == v;
		now.may[b] = 1 << 1;
	}

	/* What reading block b gives when the table is entry[]; 0: must not be. */
	static int oracle_read(const uchar *entry, int b)
	{
		int s;
		int x;

		for (s = 0; s < CELLS; s++) {
			if (!E_MAPS(entry[s]) || E_BLOCK(entry[s]) != b)
				continue;
			x = read_cell(s);
			return x && x / 8 == b ? x % 8 : 0;
		}
		return now.main[b];
	}
}

/* A write of block b is issued: its version, in v. */
inline issue(b, v)
{
	v = 2;
	do
	:: may[b] >> v & 1 -> v++
	:: else -> break
	od;
	assert(v < 8);
	may[b] = may[b] | 1 << v
}
