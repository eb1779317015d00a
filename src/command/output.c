/* output.c: see output.h. */
#define _POSIX_C_SOURCE 200809L
#include "src/command/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool was_closed, said;
static FILE *complaints;

void complain_to(FILE *file)
{
    complaints = file;
}

/* A closed descriptor is opened the wrong way round, so that using it still fails; closed again for a program that
 * takes this one's place. */
void output_begin(void)
{
    static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        if (fcntl(file, F_GETFD) >= 0 || errno != EBADF)
            continue;
        was_closed = was_closed || file == STDOUT_FILENO;
        if (open("/dev/null", wrong_way[file] | O_CLOEXEC) != file)
            _Exit(EXIT_USE);
    }
    signal(SIGXFSZ, SIG_IGN);
}

static bool report_unwritten(int error)
{
    if (!said)
        complain("cannot write the standard output: %s", was_closed   ? "it is closed"
                                                         : error == 0 ? "it did not take all"
                                                                      : strerror(error));
    said = true;
    return false;
}

bool output_written(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return report_unwritten(errno);
}

int output_finish(int status)
{
    bool written = output_written();
    if (fclose(stdout) != 0 && written)
        written = report_unwritten(errno);
    return written ? status : EXIT_USE;
}

/* Length of the UTF-8 sequence that `text` begins with, of a character that may be shown; 0: there is none. */
static size_t visible_length(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};
    size_t length = *text < 0x80                    ? 1
                    : *text >= 0xc2 && *text < 0xe0 ? 2
                    : *text >= 0xe0 && *text < 0xf0 ? 3
                    : *text >= 0xf0 && *text < 0xf5 ? 4
                                                    : 0;
    if (length < 2)
        return *text >= 0x20 && *text < 0x7f ? 1 : 0;
    uint32_t character = *text & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (text[i] & 0x3fu);
    }
    bool surrogate = character >= 0xd800 && character < 0xe000;
    return character >= least[length] && character <= 0x10ffff && !surrogate ? length : 0;
}

void print_visible(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t length = visible_length((const unsigned char *)text);
        if (length == 0)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            fwrite(text, 1, length, out);
        text += length == 0 ? 1 : length;
    }
}

static void print_json_byte(FILE *out, unsigned char byte)
{
    if (byte < 0x20 || byte == 0x7f)
        fprintf(out, "\\u%04x", byte);
    else
        fputs("\\ufffd", out);
}

void print_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        size_t length = visible_length((const unsigned char *)text);
        if (length == 0)
            print_json_byte(out, (unsigned char)*text);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fwrite(text, 1, length, out);
        text += length == 0 ? 1 : length;
    }
    fputc('"', out);
}

int complain(const char *format, ...)
{
    char *sentence = NULL;
    size_t size = 0;
    va_list arguments;
    FILE *text = open_memstream(&sentence, &size), *out = complaints == NULL ? stderr : complaints;
    fputs("contig: ", out);
    va_start(arguments, format);
    if (text != NULL)
        vfprintf(text, format, arguments);
    va_end(arguments);
    bool whole = text != NULL && fclose(text) == 0 && sentence != NULL;
    print_visible(out, whole ? sentence : "no memory to say what is wrong");
    fputc('\n', out);
    free(sentence);
    return EXIT_USE;
}
