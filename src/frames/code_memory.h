/* code_memory.h: one memory with two views, so that no page is ever writable and executable.
 * The executable view lies within 2 GiB above the program's text, where the site table can reach it. */
#ifndef CONTIG_FRAMES_CODE_MEMORY_H
#define CONTIG_FRAMES_CODE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define CODE_BYTES (UINT32_C(1) << 18)

extern uint8_t *frames_code_writable;
extern uint64_t frames_code_executable;

bool frames_code_memory_map(uint64_t above, char *message);

#endif
