// SPDX-License-Identifier: GPL-2.0-only
/*
 * Codec: auxiliary blocks, which hold the summary of the health map.
 *
 * Decision: the summary is judged as a whole, before any of it is handed out.
 * What another program, or a later release, put in its place is no summary.
 */
#include "codec-header.h"
#include "health.h"

static void record_encode(struct dmr_disk_health *d, u64 region, const struct dmr_health *h)
{
	d->region = cpu_to_le32((u32)region);
	d->key = cpu_to_le32(h->key);
	d->read_errors = cpu_to_le32(h->read_errors);
	d->write_errors = cpu_to_le32(h->write_errors);
	d->retries = cpu_to_le32(h->retries);
	d->slow = cpu_to_le32(h->slow);
	d->lat_avg = cpu_to_le32(h->lat_avg);
	d->lat_dev = cpu_to_le32(h->lat_dev);
	d->gap_avg = cpu_to_le32(h->gap_avg);
	d->gap_new = cpu_to_le32(h->gap_new);
	d->first_s = cpu_to_le64(h->first_s);
	d->last_s = cpu_to_le64(h->last_s);
}

static void record_decode(const struct dmr_disk_health *d, struct dmr_health *h)
{
	h->key = le32_to_cpu(d->key);
	h->read_errors = le32_to_cpu(d->read_errors);
	h->write_errors = le32_to_cpu(d->write_errors);
	h->retries = le32_to_cpu(d->retries);
	h->slow = le32_to_cpu(d->slow);
	h->lat_avg = le32_to_cpu(d->lat_avg);
	h->lat_dev = le32_to_cpu(d->lat_dev);
	h->gap_avg = le32_to_cpu(d->gap_avg);
	h->gap_new = le32_to_cpu(d->gap_new);
	h->first_s = le64_to_cpu(d->first_s);
	h->last_s = le64_to_cpu(d->last_s);
}

static void summary_encode(struct dmr_disk_aux *d, const struct dmr_aux *aux)
{
	u32 i;

	d->seq = cpu_to_le64(aux->seq);
	d->saved_s = cpu_to_le64(aux->saved_s);
	d->region_shift = cpu_to_le32(aux->region_shift);
	d->n = cpu_to_le32(aux->n);
	d->evicted = cpu_to_le64(aux->evicted);
	d->read_errors = cpu_to_le64(aux->read_errors);
	d->write_errors = cpu_to_le64(aux->write_errors);
	d->retries = cpu_to_le64(aux->retries);
	d->slow = cpu_to_le64(aux->slow);
	for (i = 0; i < aux->n && i < DMR_AUX_RECS; i++)
		record_encode(&d->rec[i], aux->rec[i].region, &aux->rec[i].h);
}

static bool region_repeated(const struct dmr_disk_aux *d, u32 i)
{
	u32 k;

	for (k = 0; k < i; k++)
		if (d->rec[k].region == d->rec[i].region)
			return true;
	return false;
}

static bool summary_sane(const struct dmr_disk_aux *d, const struct dmr_super *sb)
{
	const u32 n = le32_to_cpu(d->n);
	u32 i;

	if (!d->seq || n > DMR_AUX_RECS ||
	    le32_to_cpu(d->region_shift) != dmr_health_region_shift(sb->main_sect))
		return false;
	for (i = 0; i < n; i++) {
		struct dmr_health h;

		record_decode(&d->rec[i], &h);
		if (!dmr_health_sane(&h) || region_repeated(d, i) ||
		    le32_to_cpu(d->rec[i].region) >= dmr_health_regions(sb->main_sect))
			return false;
	}
	return true;
}

static void summary_decode(const struct dmr_disk_aux *d, struct dmr_aux *aux)
{
	u32 i;

	aux->seq = le64_to_cpu(d->seq);
	aux->saved_s = le64_to_cpu(d->saved_s);
	aux->region_shift = le32_to_cpu(d->region_shift);
	aux->n = le32_to_cpu(d->n);
	aux->evicted = le64_to_cpu(d->evicted);
	aux->read_errors = le64_to_cpu(d->read_errors);
	aux->write_errors = le64_to_cpu(d->write_errors);
	aux->retries = le64_to_cpu(d->retries);
	aux->slow = le64_to_cpu(d->slow);
	for (i = 0; i < aux->n; i++) {
		aux->rec[i].region = le32_to_cpu(d->rec[i].region);
		record_decode(&d->rec[i], &aux->rec[i].h);
	}
}

void dmr_codec_aux_encode(void *blk, const u8 uuid[DMR_UUID_BYTES], const struct dmr_gen *gen,
			  u32 copy, struct dmr_slot at, const struct dmr_aux *aux)
{
	dmr_codec_header_encode(blk, DMR_TYPE_AUX, uuid, gen, copy, at);
	if (aux && aux->seq)
		summary_encode(blk, aux);
	dmr_codec_seal(blk);
}

enum dmr_blk_status dmr_codec_aux_decode(const void *blk, struct dmr_slot at,
					 const struct dmr_super *sb, u32 copy,
					 struct dmr_aux *aux, const char **why)
{
	const struct dmr_codec_place want = { .type = DMR_TYPE_AUX, .at = at, .index = copy };
	const struct dmr_disk_aux *d = blk;
	const char *bad;
	enum dmr_blk_status st = dmr_codec_header_check(blk, &want, why);

	if (st != DMR_BLK_OK)
		return st;
	if (memcmp(d->h.uuid, sb->uuid, DMR_UUID_BYTES))
		return dmr_codec_bad(DMR_BLK_FOREIGN, "auxiliary block of another set", why);
	bad = dmr_codec_epoch_bad(&d->h);
	if (bad)
		return dmr_codec_bad(DMR_BLK_MEANING, bad, why);
	if (!aux)
		return DMR_BLK_OK;
	memset(aux, 0, sizeof(*aux));
	if (summary_sane(d, sb))
		summary_decode(d, aux);
	return DMR_BLK_OK;
}
