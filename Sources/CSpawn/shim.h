#pragma once
#include <spawn.h>

// Glibc declares these under _GNU_SOURCE only, which Swift's import of it does not set.
int pipe2(int ends[2], int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
static const short assay_spawn_new_session = 0x80;  // POSIX_SPAWN_SETSID
