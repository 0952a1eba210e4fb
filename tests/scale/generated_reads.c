// Gives parts of sparse files generated weights: preloaded (LD_PRELOAD) into the unchanged program.
//
// Purpose: a checkpoint of any size takes no disk. WMK_SCALE_MAP names a text file: the first line
// is the path of the pool, a file of weights; then, for each file, "F PATH" and lines "R BEGIN END":
// ranges whose bytes are those of the pool, from a place on that the block of 1 MiB and the file
// decide. Bytes are the same whenever and however they are read. Only pread() and copy_file_range()
// read checkpoints (STYLE.md). Thread-safety: as those functions.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES ((uint64_t)1 << 20)

struct Range {
  uint64_t begin, end;
};

struct File {
  dev_t device;
  ino_t inode;
  size_t first, count;  // of its ranges
};

static struct File* files;
static struct Range* ranges;
static size_t file_count, range_count;
static const unsigned char* pool;
static uint64_t pool_bytes;
static ssize_t (*real_pread)(int, void*, size_t, off_t);
static ssize_t (*real_copy)(int, off64_t*, int, off64_t*, size_t, unsigned);

static void give_up(const char* what) {
  fprintf(stderr, "generated_reads: %s\n", what);
  abort();
}

static void* grown(void* array, size_t count, size_t size) {
  if ((count & (count - 1)) != 0) return array;
  void* more = realloc(array, (count ? 2 * count : 1) * size);
  if (!more) give_up("no memory");
  return more;
}

static void open_pool(char* path) {
  struct stat info;
  path[strcspn(path, "\n")] = 0;
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || fstat(descriptor, &info) != 0) give_up("cannot open the pool");
  pool_bytes = (uint64_t)info.st_size;
  if (pool_bytes <= 2 * BLOCK_BYTES) give_up("the pool is too small");
  pool = mmap(NULL, pool_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (pool == MAP_FAILED) give_up("cannot read the pool");
  close(descriptor);
}

static void add_file(char* path) {
  struct stat info;
  path[strcspn(path, "\n")] = 0;
  if (stat(path, &info) != 0) give_up("a file of the map is missing");
  files = grown(files, file_count, sizeof *files);
  files[file_count++] = (struct File){info.st_dev, info.st_ino, range_count, 0};
}

static void add_range(const char* text) {
  char* rest;
  const uint64_t begin = strtoull(text, &rest, 10), end = strtoull(rest, NULL, 10);
  if (file_count == 0 || end <= begin) give_up("the map is malformed");
  ranges = grown(ranges, range_count, sizeof *ranges);
  ranges[range_count++] = (struct Range){begin, end};
  ++files[file_count - 1].count;
}

__attribute__((constructor)) static void read_map(void) {
  real_pread = (ssize_t(*)(int, void*, size_t, off_t))dlsym(RTLD_NEXT, "pread");
  real_copy = (ssize_t(*)(int, off64_t*, int, off64_t*, size_t, unsigned))dlsym(
      RTLD_NEXT, "copy_file_range");
  const char* name = getenv("WMK_SCALE_MAP");
  FILE* map = name ? fopen(name, "re") : NULL;
  if (!map) give_up("cannot read the map WMK_SCALE_MAP");
  char* line = NULL;
  size_t size = 0;
  if (getline(&line, &size, map) <= 0) give_up("the map is empty");
  open_pool(line);
  while (getline(&line, &size, map) > 0) {
    if (line[0] == 'F') add_file(line + 2);
    if (line[0] == 'R') add_range(line + 2);
  }
  free(line);
  fclose(map);
}

static const struct File* file_of(int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0) return NULL;
  for (size_t i = 0; i < file_count; ++i) {
    if (files[i].inode == info.st_ino && files[i].device == info.st_dev) return &files[i];
  }
  return NULL;
}

// splitmix64
static uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static void generate(const struct File* file, uint64_t begin, uint64_t end, unsigned char* out) {
  while (begin < end) {
    const uint64_t block = begin / BLOCK_BYTES, at = begin % BLOCK_BYTES;
    const uint64_t left = BLOCK_BYTES - at, count = end - begin < left ? end - begin : left;
    const uint64_t number = ((uint64_t)(file - files) << 40) + block;
    const uint64_t start = mixed(number) % (pool_bytes - BLOCK_BYTES) & ~(uint64_t)1;
    memcpy(out, pool + start + at, count);
    begin += count;
    out += count;
  }
}

ssize_t pread(int descriptor, void* out, size_t count, off_t offset) {
  const struct File* file = file_of(descriptor);
  const uint64_t begin = (uint64_t)offset, end = begin + count;
  ssize_t done = file ? 0 : -1;
  for (size_t i = 0; file && i < file->count; ++i) {
    const struct Range* range = &ranges[file->first + i];
    if (range->end <= begin || range->begin >= end) continue;
    const uint64_t from = range->begin > begin ? range->begin : begin;
    const uint64_t to = range->end < end ? range->end : end;
    // What is not generated is read; a hole of the file costs nothing.
    if (done == 0 && (from > begin || to < end)) done = real_pread(descriptor, out, count, offset);
    if (done < 0) return done;
    if (done > 0 && to > begin + (uint64_t)done) return done;
    if (done == 0) done = (ssize_t)count;
    generate(file, from, to, (unsigned char*)out + (from - begin));
  }
  return done > 0 ? done : real_pread(descriptor, out, count, offset);
}

ssize_t pread64(int descriptor, void* out, size_t count, off64_t offset) {
  return pread(descriptor, out, count, offset);
}

ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t count,
                        unsigned flags) {
  if (!file_of(from)) return real_copy(from, from_offset, to, to_offset, count, flags);
  errno = EXDEV;  // the program copies through a buffer then
  return -1;
}
