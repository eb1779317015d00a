/* event.c: reading one line of a trace.
 *
 * Keeps: every byte is looked at once, nothing outside [line, line + length) is read.  A table says what each event
 * consists of, so that spec/trace.md and the reader can be compared row by row.  Called through event_read. */
#include "src/conform/event.h"

#include <string.h>

#define BIT(field) (UINT64_C(1) << (field))
#define C_AND_M (BIT(FIELD_CACHE) | BIT(FIELD_THREAD))
#define M BIT(FIELD_THREAD)
#define GP BIT(FIELD_GP)
#define REGISTERS                                                                  \
    (GP | M | BIT(FIELD_PC) | BIT(FIELD_BP) | BIT(FIELD_CTXT) | BIT(FIELD_DEFER) | \
     BIT(FIELD_PANIC) | BIT(FIELD_TOP))
#define DEFERRED                                                                   \
    (M | BIT(FIELD_SP) | BIT(FIELD_VARP) | BIT(FIELD_CLOSURE) | BIT(FIELD_PANIC) | \
     BIT(FIELD_LINK) | BIT(FIELD_FD) | BIT(FIELD_SIZE))
#define WAITING (M | BIT(FIELD_ELEM) | BIT(FIELD_SIZE))

/* What an event must have: its shape (n number, p [A B], t [A B C], > arrow, / number after a slash) and fields.
 * Without a shape the parts are of another kind, and the rules of moves read them. */
struct event_form {
    const char *name;
    const char *shape;
    uint64_t required;
};

static const struct event_form forms[NUM_EVENT_KINDS] = {
    [EVENT_TRACE] = {"trace", "n", 0},
    [EVENT_ALLOC] = {"alloc", "nn", C_AND_M},
    [EVENT_FREE] = {"free", "nn", C_AND_M},
    [EVENT_REFILL] = {"refill", "n", C_AND_M},
    [EVENT_RELEASE] = {"release", "n", C_AND_M},
    [EVENT_CLEAR] = {"clear", "", C_AND_M},
    [EVENT_POOL_GIVES] = {"pool-", "nn", M},
    [EVENT_POOL_TAKES] = {"pool+", "nn", M},
    [EVENT_SPAN_COMES] = {"span+", "nn", M},
    [EVENT_SPAN_GOES] = {"span-", "nn", M},
    [EVENT_LARGE_COMES] = {"large+", "nn", M},
    [EVENT_LARGE_GOES] = {"large-", "nn", M},
    [EVENT_LARGE_QUEUED] = {"largeq", "nn", M},
    [EVENT_LARGE_HIT] = {"largehit", "nn", M},
    [EVENT_PHASE] = {"phase", "n", 0},
    [EVENT_SCAN] = {"scan", "", GP | M | BIT(FIELD_USED) | BIT(FIELD_SAFE)},
    [EVENT_FREESPANS] = {"freespans", "", M},
    [EVENT_STARTSIZE] = {"startsize", "n", 0},
    [EVENT_GO] = {"go", "p", GP | M},
    [EVENT_DEAD] = {"dead", "p", GP | M},
    [EVENT_GROW] = {"grow", "",
                    GP | M | BIT(FIELD_OLD) | BIT(FIELD_SP) | BIT(FIELD_MAX) | BIT(FIELD_NEW)},
    [EVENT_OVERFLOW] = {"overflow", "", GP | M | BIT(FIELD_OLD) | BIT(FIELD_SP) | BIT(FIELD_MAX)},
    [EVENT_PREEMPT] = {"preempt", "", GP | M | BIT(FIELD_SHRINK)},
    [EVENT_SHRINK] = {"shrink", "", GP | BIT(FIELD_OLD) | BIT(FIELD_NEW)},
    [EVENT_NOSHRINK] = {"noshrink", "", GP | BIT(FIELD_OLD)},
    [EVENT_COPY] = {"copy", "t>t", GP},
    [EVENT_MAXSTACK] = {"maxstack", "n", 0},
    [EVENT_MOVE] = {"move", "t>t", REGISTERS | BIT(FIELD_CHANS)},
    [EVENT_DEFER_BEFORE] = {"defer-", "n", DEFERRED},
    [EVENT_SUDOG_BEFORE] = {"sudog-", "n", WAITING},
    [EVENT_FRAME] = {"frame", "nnnn", M | BIT(FIELD_CONT)},
    [EVENT_MAP] = {"map", NULL, 0},
    [EVENT_WORDS] = {"words", NULL, 0},
    [EVENT_DEFER_AFTER] = {"defer+", "n", DEFERRED},
    [EVENT_SUDOG_AFTER] = {"sudog+", "n", WAITING},
    [EVENT_MOVED] = {"moved", "",
                     REGISTERS | BIT(FIELD_SP) | BIT(FIELD_FRAMES) | BIT(FIELD_WRITTEN)},
};

static const char *const field_names[NUM_EVENT_FIELDS] = {
    [FIELD_CACHE] = "c",         [FIELD_THREAD] = "m",        [FIELD_PHASE] = "ph",
    [FIELD_GP] = "gp",           [FIELD_GOID] = "goid",       [FIELD_OLD] = "old",
    [FIELD_SP] = "sp",           [FIELD_MAX] = "max",         [FIELD_NEW] = "new",
    [FIELD_FORCE] = "force",     [FIELD_START] = "start",     [FIELD_USED] = "used",
    [FIELD_SAFE] = "safe",       [FIELD_SHRINK] = "shrink",   [FIELD_LIMIT] = "limit",
    [FIELD_FIXED] = "fixed",     [FIELD_ORDERS] = "orders",   [FIELD_GUARD] = "guard",
    [FIELD_NOSPLIT] = "nosplit", [FIELD_PAGE] = "page",       [FIELD_PC] = "pc",
    [FIELD_BP] = "bp",           [FIELD_CTXT] = "ctxt",       [FIELD_DEFER] = "defer",
    [FIELD_PANIC] = "panic",     [FIELD_TOP] = "top",         [FIELD_CHANS] = "chans",
    [FIELD_VARP] = "varp",       [FIELD_CLOSURE] = "closure", [FIELD_LINK] = "link",
    [FIELD_FD] = "fd",           [FIELD_ELEM] = "elem",       [FIELD_SIZE] = "size",
    [FIELD_FRAMES] = "frames",   [FIELD_WRITTEN] = "written", [FIELD_CONT] = "cont",
    [FIELD_BARE] = "bare",       [FIELD_DYNAMIC] = "dynamic", [FIELD_MINOR] = "minor",
    [FIELD_VP] = "vp",
};

/* Go's own two lines that are events without '@'. */
static const char copystack_prefix[] = "copystack gp=";
static const char shrinking_prefix[] = "shrinking stack ";
static const char copystack_shape[] = "t>t/";

/* What is left to read, the shape read so far, and the first thing that was wrong. */
struct reader {
    const char *at;
    const char *end;
    char shape[EVENT_MAX_VALUES + 1];
    uint32_t shape_length;
    const char *error;
};

bool event_may_begin(char first)
{
    return first == '@' || first == copystack_prefix[0] || first == shrinking_prefix[0];
}

const char *event_name(enum event_kind kind)
{
    return forms[kind].name;
}

static bool malformed(struct reader *reader, const char *error)
{
    reader->error = error;
    return false;
}

static bool starts_with(const char *line, size_t length, const char *prefix)
{
    size_t wanted = strlen(prefix);
    return length >= wanted && memcmp(line, prefix, wanted) == 0;
}

static bool next_is(const struct reader *reader, char wanted)
{
    return reader->at < reader->end && *reader->at == wanted;
}

static int digit_of(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return 16;
}

static bool read_number(struct reader *reader, uint64_t *number)
{
    int base = 10;
    uint64_t value = 0;

    if (reader->end - reader->at > 2 && reader->at[0] == '0' && reader->at[1] == 'x') {
        base = 16;
        reader->at += 2;
    }
    const char *first = reader->at;
    for (; reader->at < reader->end && digit_of(*reader->at) < base; reader->at++) {
        uint64_t digit = (uint64_t)digit_of(*reader->at);
        if (value > (UINT64_MAX - digit) / (uint64_t)base)
            return malformed(reader, "a number does not fit into 64 bits");
        value = value * (uint64_t)base + digit;
    }
    if (reader->at == first)
        return malformed(reader, "a number is missing or malformed");
    *number = value;
    return true;
}

static bool add_shape(struct reader *reader, char part)
{
    if (reader->shape_length == EVENT_MAX_VALUES)
        return malformed(reader, "too many values");
    reader->shape[reader->shape_length++] = part;
    return true;
}

static bool read_value(struct reader *reader, struct event *event)
{
    if (event->num_values == EVENT_MAX_VALUES)
        return malformed(reader, "too many values");
    return read_number(reader, &event->value[event->num_values++]);
}

/* [A B] or [A B C], and Go's /N behind the latter. */
static bool read_range(struct reader *reader, struct event *event)
{
    uint32_t count = 1;

    reader->at++;
    if (!read_value(reader, event))
        return false;
    for (; next_is(reader, ' '); count++) {
        reader->at++;
        if (!read_value(reader, event))
            return false;
    }
    if (!next_is(reader, ']') || count < 2 || count > 3)
        return malformed(reader, "an address range is malformed");
    reader->at++;
    if (!add_shape(reader, count == 2 ? 'p' : 't'))
        return false;
    if (!next_is(reader, '/'))
        return true;
    reader->at++;
    return add_shape(reader, '/') && read_value(reader, event);
}

/* true, false or a number. */
static bool read_field_value(struct reader *reader, uint64_t *value)
{
    size_t left = (size_t)(reader->end - reader->at);
    if (starts_with(reader->at, left, "true")) {
        reader->at += strlen("true");
        *value = 1;
        return true;
    }
    if (starts_with(reader->at, left, "false")) {
        reader->at += strlen("false");
        *value = 0;
        return true;
    }
    return read_number(reader, value);
}

static const char *part_end(const struct reader *reader)
{
    const char *space = memchr(reader->at, ' ', (size_t)(reader->end - reader->at));
    return space == NULL ? reader->end : space;
}

static bool read_profile(struct reader *reader, struct event *event)
{
    const char *end = part_end(reader);
    size_t length = (size_t)(end - reader->at);
    if (length == 0 || length >= sizeof event->profile)
        return malformed(reader, "the name of the profile is malformed");
    memcpy(event->profile, reader->at, length);
    event->profile[length] = 0;
    reader->at = end;
    return true;
}

static int field_named(const char *name, size_t length)
{
    for (int field = 0; field < NUM_EVENT_FIELDS; field++)
        if (strlen(field_names[field]) == length && memcmp(field_names[field], name, length) == 0)
            return field;
    return NUM_EVENT_FIELDS;
}

static bool read_field(struct reader *reader, struct event *event, const char *equals)
{
    size_t length = (size_t)(equals - reader->at);
    int field = field_named(reader->at, length);
    bool is_profile =
        event->kind == EVENT_TRACE && length == 7 && memcmp(reader->at, "profile", 7) == 0;

    reader->at = equals + 1;
    if (is_profile)
        return read_profile(reader, event);
    if (field == NUM_EVENT_FIELDS) {
        reader->at = part_end(reader);
        return true;
    }
    if (event_has(event, (enum event_field)field))
        return malformed(reader, "a field stands twice");
    event->present |= BIT(field);
    return read_field_value(reader, &event->field[field]);
}

static bool read_word(struct reader *reader, struct event *event, const char *end)
{
    static const struct {
        const char *text;
        enum event_word word;
    } words[] = {
        {"min", WORD_MIN},       {"worker", WORD_WORKER}, {"off", WORD_OFF},
        {"memory", WORD_MEMORY}, {"later", WORD_LATER},
    };
    size_t length = (size_t)(end - reader->at);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].text) == length && memcmp(words[i].text, reader->at, length) == 0) {
            if (event->word != WORD_NONE)
                return malformed(reader, "two reasons");
            event->word = words[i].word;
            reader->at = end;
            return true;
        }
    }
    return malformed(reader, "a part is neither a number, a range, nor a field");
}

static bool read_part(struct reader *reader, struct event *event)
{
    const char *end = part_end(reader);
    if (next_is(reader, '['))
        return read_range(reader, event);
    if (end - reader->at == 2 && reader->at[0] == '-' && reader->at[1] == '>') {
        reader->at = end;
        return add_shape(reader, '>');
    }
    if (end > reader->at && digit_of(*reader->at) < 10)
        return add_shape(reader, 'n') && read_value(reader, event);
    const char *equals = memchr(reader->at, '=', (size_t)(end - reader->at));
    if (equals != NULL)
        return read_field(reader, event, equals);
    return read_word(reader, event, end);
}

/* The parts of a line behind its name, each behind one space. */
static bool read_parts(struct reader *reader, struct event *event, const char *shape)
{
    while (reader->at < reader->end) {
        if (!next_is(reader, ' '))
            return malformed(reader, "a part does not end where it should");
        reader->at++;
        if (!read_part(reader, event))
            return false;
    }
    if (strlen(shape) != reader->shape_length ||
        memcmp(shape, reader->shape, reader->shape_length) != 0)
        return malformed(reader, "the event does not have the values that it should");
    if ((forms[event->kind].required & ~event->present) != 0)
        return malformed(reader, "the event lacks a field");
    return true;
}

static bool read_shrinking(struct reader *reader, struct event *event)
{
    reader->at += strlen(shrinking_prefix);
    if (!read_number(reader, &event->field[FIELD_OLD]))
        return false;
    if (reader->end - reader->at < 2 || reader->at[0] != '-' || reader->at[1] != '>')
        return malformed(reader, "the arrow between the sizes is missing");
    reader->at += 2;
    if (!read_number(reader, &event->field[FIELD_NEW]))
        return false;
    if (reader->at != reader->end)
        return malformed(reader, "the line goes on where it should end");
    event->present = BIT(FIELD_OLD) | BIT(FIELD_NEW);
    return true;
}

static int kind_named(const char *name, size_t length)
{
    for (int kind = 0; kind < NUM_EVENT_KINDS; kind++)
        if (strlen(forms[kind].name) == length && memcmp(forms[kind].name, name, length) == 0)
            return kind;
    return NUM_EVENT_KINDS;
}

static enum event_status read_named(struct reader *reader, struct event *event)
{
    reader->at++;
    const char *end = part_end(reader);
    size_t length = (size_t)(end - reader->at);
    int kind = kind_named(reader->at, length);

    if (length >= 2 && memcmp(reader->at, "x-", 2) == 0)
        return EVENT_SKIPPED;
    if (kind == NUM_EVENT_KINDS) {
        reader->error = "there is no event of that name";
        return EVENT_MALFORMED;
    }
    event->kind = (enum event_kind)kind;
    reader->at = end;
    if (forms[kind].shape == NULL)
        return EVENT_READ;
    return read_parts(reader, event, forms[kind].shape) ? EVENT_READ : EVENT_MALFORMED;
}

enum event_status event_read(const char *line, size_t length, struct event *event,
                             const char **error)
{
    struct reader reader = {.at = line, .end = line + length};
    enum event_status status = EVENT_SKIPPED;

    event->word = WORD_NONE;
    event->present = 0;
    event->num_values = 0;
    event->profile[0] = 0;
    if (length > 0 && line[length - 1] == '\r')
        reader.end--;
    if (length > 0 && line[0] == '@') {
        status = read_named(&reader, event);
    } else if (starts_with(line, length, copystack_prefix)) {
        reader.at += strlen("copystack");
        event->kind = EVENT_COPY;
        status = read_parts(&reader, event, copystack_shape) ? EVENT_READ : EVENT_MALFORMED;
    } else if (starts_with(line, length, shrinking_prefix)) {
        event->kind = EVENT_SHRINK;
        status = read_shrinking(&reader, event) ? EVENT_READ : EVENT_MALFORMED;
    }
    *error = reader.error;
    return status;
}
