// libcurl's functions under their own names, handed on to the library once it is loaded.
#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"
#include <dlfcn.h>
#include <stdbool.h>

// The macros of these names would stand in the way of their pointers.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define FUNCTIONS(F)                                                                                                   \
  F(curl_global_init) F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_strerror) F(curl_easy_setopt)                 \
  F(curl_easy_getinfo) F(curl_multi_init) F(curl_multi_cleanup) F(curl_multi_add_handle) F(curl_multi_remove_handle)   \
  F(curl_multi_perform) F(curl_multi_poll) F(curl_multi_wakeup) F(curl_multi_info_read) F(curl_multi_setopt)           \
  F(curl_slist_append) F(curl_slist_free_all)

static struct {
#define MEMBER(name) __typeof__(name) *name;
  FUNCTIONS(MEMBER)
#undef MEMBER
} curl;

// Whether the library is there and has every function; then it stays loaded.
static bool load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  bool complete = true;
#define LOOK_UP(name)                                                                                                  \
  curl.name = (__typeof__(name) *)dlsym(library, #name);                                                               \
  complete = complete && curl.name;
  FUNCTIONS(LOOK_UP)
#undef LOOK_UP
  return complete;
}

// Not for the library, which has its own of these names.
#define HIDDEN __attribute__((visibility("hidden")))

// libcurl asks for this call before all others and for one at a time, which makes it the place to load the library.
HIDDEN CURLcode curl_global_init(long flags) { return load() ? curl.curl_global_init(flags) : CURLE_FAILED_INIT; }

HIDDEN CURL *curl_easy_init(void) { return curl.curl_easy_init(); }
HIDDEN void curl_easy_cleanup(CURL *easy) { curl.curl_easy_cleanup(easy); }
// The one function that may be called without the library: its absence is told as an error of libcurl, too.
HIDDEN const char *curl_easy_strerror(CURLcode code) {
  return curl.curl_easy_strerror ? curl.curl_easy_strerror(code) : "libcurl.so.4 cannot be loaded";
}

HIDDEN CURLM *curl_multi_init(void) { return curl.curl_multi_init(); }
HIDDEN CURLMcode curl_multi_cleanup(CURLM *multi) { return curl.curl_multi_cleanup(multi); }
HIDDEN CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) { return curl.curl_multi_add_handle(multi, easy); }
HIDDEN CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy) {
  return curl.curl_multi_remove_handle(multi, easy);
}
HIDDEN CURLMcode curl_multi_perform(CURLM *multi, int *running) { return curl.curl_multi_perform(multi, running); }
HIDDEN CURLMcode curl_multi_poll(CURLM *multi, struct curl_waitfd *more, unsigned int count, int milliseconds,
                                 int *ready) {
  return curl.curl_multi_poll(multi, more, count, milliseconds, ready);
}
HIDDEN CURLMcode curl_multi_wakeup(CURLM *multi) { return curl.curl_multi_wakeup(multi); }
HIDDEN CURLMsg *curl_multi_info_read(CURLM *multi, int *left) { return curl.curl_multi_info_read(multi, left); }

HIDDEN struct curl_slist *curl_slist_append(struct curl_slist *list, const char *line) {
  return curl.curl_slist_append(list, line);
}
HIDDEN void curl_slist_free_all(struct curl_slist *list) { curl.curl_slist_free_all(list); }

HIDDEN CURLcode assay_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl.curl_easy_setopt(easy, option, value);
}
HIDDEN CURLcode assay_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl.curl_easy_setopt(easy, option, value);
}
HIDDEN CURLcode assay_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl.curl_easy_setopt(easy, option, value);
}
HIDDEN CURLcode assay_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl.curl_easy_setopt(easy, option, value);
}
HIDDEN CURLcode assay_curl_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl.curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}
HIDDEN CURLcode assay_curl_set_callback(CURL *easy, CURLoption option,
                                        size_t (*callback)(char *, size_t, size_t, void *)) {
  return curl.curl_easy_setopt(easy, option, callback);
}
HIDDEN CURLcode assay_curl_set_seek(CURL *easy, int (*callback)(void *, curl_off_t, int)) {
  return curl.curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}
HIDDEN long assay_curl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl.curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
HIDDEN void *assay_curl_get_private(CURL *easy) {
  char *value = 0;
  return curl.curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : 0;
}
HIDDEN CURLMcode assay_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl.curl_multi_setopt(multi, option, value);
}
