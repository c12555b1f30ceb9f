// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stream: values are parsed by json-c, each from its first byte to its last, which
 * may come in several pieces. What stands between the members of the document, and
 * between the elements of its arrays, is all that is known here.
 */
#include <errno.h>
#include <unistd.h>

#include "say.h"
#include "stream.h"

#define BUF_BYTES	65536u

/**
 * struct stream - a document half read
 * @buf: @n bytes of it, of which the next one is @at
 * @before: bytes before those
 * @ended: there are no more
 * @why: what is wrong, a phrase; nothing is read any more
 */
struct stream {
	stream_read_fn read;
	void *src;
	stream_item_fn fn;
	void *ctx;
	struct json_tokener *tok;
	size_t at;
	size_t n;
	u64 before;
	bool ended;
	const char *why;
	char buf[BUF_BYTES];
};

ssize_t stream_fd(void *src, void *buf, size_t room)
{
	ssize_t n;

	do
		n = read(*(int *)src, buf, room);
	while (n < 0 && errno == EINTR);
	return n;
}

/* False: and said why */
static bool refuse(struct stream *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

/* More bytes behind those that are left. False: there are none, or there is no room. */
static bool gather(struct stream *s)
{
	ssize_t n;

	if (s->why || s->ended || s->n - s->at == BUF_BYTES)
		return false;
	memmove(s->buf, s->buf + s->at, s->n - s->at);
	s->before += s->at;
	s->n -= s->at;
	s->at = 0;
	n = s->read(s->src, s->buf + s->n, BUF_BYTES - s->n);
	if (n < 0)
		return refuse(s, strerror(errno));
	s->n += (size_t)n;
	s->ended = !n;
	return !s->ended;
}

/* Is there a next byte? */
static bool more(struct stream *s)
{
	return s->at < s->n || gather(s);
}

/*
 * How many bytes json-c may see now: if a piece ended within a number it would take "1" and
 * "-" for 1, and what is no number in one piece has to be none in two.
 */
static size_t piece(struct stream *s)
{
	size_t n;

	do {
		for (n = s->n - s->at; n; n--) {
			char c = s->buf[s->at + n - 1];

			if (!c || !strchr("0123456789+-.eE", c))
				return n;
		}
	} while (gather(s));
	return s->n - s->at;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next byte that is no white space, left there; '\0' at the end */
static char look(struct stream *s)
{
	while (more(s)) {
		if (!blank(s->buf[s->at]))
			return s->buf[s->at];
		s->at++;
	}
	return '\0';
}

static bool take(struct stream *s, char c)
{
	if (look(s) != c)
		return false;
	s->at++;
	return true;
}

/* One whole value; NULL is one. @len_bytes: its text */
static bool read_value(struct stream *s, struct json_object **v, size_t *len_bytes)
{
	enum json_tokener_error err = json_tokener_continue;
	size_t n;

	*v = NULL;
	*len_bytes = 0;
	look(s);
	while (err == json_tokener_continue) {
		if (!more(s))
			return refuse(s, "it ends too early");
		n = piece(s);
		if (n > STREAM_VALUE_MAX_BYTES - *len_bytes)
			n = STREAM_VALUE_MAX_BYTES - *len_bytes;
		if (!n)
			return refuse(s, "a value of more than 256 KiB");
		*v = json_tokener_parse_ex(s->tok, s->buf + s->at, (int)n);
		err = json_tokener_get_error(s->tok);
		n = json_tokener_get_parse_end(s->tok);
		s->at += n;
		*len_bytes += n;
	}
	return err == json_tokener_success || refuse(s, json_tokener_error_desc(err));
}

static bool give(struct stream *s, enum stream_what what, const char *key,
		 struct json_object *v, size_t len_bytes)
{
	const struct stream_item item = {
		.what = what, .key = key, .value = v, .len_bytes = len_bytes,
	};
	const char *why = s->fn(s->ctx, &item);

	json_object_put(v);
	return !why || refuse(s, why);
}

/* After an element or a member: does another one follow, or @end? */
static bool another(struct stream *s, char end)
{
	if (take(s, ','))
		return true;
	if (!take(s, end))
		refuse(s, more(s) ? "a comma is missing, or there is one too many" :
				    "it ends too early");
	return false;
}

static bool read_array(struct stream *s, const char *key)
{
	struct json_object *v;
	size_t len_bytes;

	if (!give(s, STREAM_ARRAY, key, json_object_new_array(), 0))
		return false;
	if (take(s, ']'))
		return true;
	do {
		if (!read_value(s, &v, &len_bytes) || !give(s, STREAM_ELEMENT, key, v, len_bytes))
			return false;
	} while (another(s, ']'));
	return !s->why;
}

static bool read_member(struct stream *s)
{
	struct json_object *key, *v;
	size_t len_bytes;
	bool done;

	if (!read_value(s, &key, &len_bytes))
		return false;
	if (!json_object_is_type(key, json_type_string) || !take(s, ':'))
		done = refuse(s, "a member is no \"key\": value");
	else if (take(s, '['))
		done = read_array(s, json_object_get_string(key));
	else
		done = read_value(s, &v, &len_bytes) &&
		       give(s, STREAM_VALUE, json_object_get_string(key), v, len_bytes);
	json_object_put(key);
	return done;
}

static void document(struct stream *s)
{
	struct json_object *v = NULL;
	size_t len_bytes;

	if (!take(s, '{')) {
		if (read_value(s, &v, &len_bytes))
			json_object_put(v);
	} else if (!take(s, '}')) {
		while (read_member(s) && another(s, '}'))
			;
	}
	if (!s->why && (look(s) || more(s)))
		refuse(s, "something follows it");
}

const char *stream_json(stream_read_fn read, void *src, stream_item_fn fn, void *ctx, u64 *byte)
{
	struct stream *s = say_alloc(1, sizeof(*s));
	const char *why;

	s->read = read;
	s->src = src;
	s->fn = fn;
	s->ctx = ctx;
	s->tok = json_tokener_new();
	if (s->tok) {
		/* what follows a value is ours to judge */
		json_tokener_set_flags(s->tok, JSON_TOKENER_STRICT |
					       JSON_TOKENER_ALLOW_TRAILING_CHARS);
		document(s);
		json_tokener_free(s->tok);
	} else {
		refuse(s, "out of memory");
	}
	why = s->why;
	*byte = s->before + s->at;
	free(s);
	return why;
}
