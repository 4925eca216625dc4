#pragma once
// The functions of this header are this module's own: they call libcurl, which is loaded by the first of them. Loading
// it and the thirty libraries below it takes longer than verifying a bundle, and most commands never need it.
#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, and CURLMsg holds a union: Swift cannot call
// the first three, and imports the last without a type. One function for each kind of argument follows.

CURLcode assay_curl_set_long(CURL *easy, CURLoption option, long value);
CURLcode assay_curl_set_size(CURL *easy, CURLoption option, curl_off_t value);
// libcurl copies strings.
CURLcode assay_curl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode assay_curl_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode assay_curl_set_headers(CURL *easy, struct curl_slist *headers);
// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION, which share this form.
CURLcode assay_curl_set_callback(CURL *easy, CURLoption option, size_t (*callback)(char *, size_t, size_t, void *));
CURLcode assay_curl_set_seek(CURL *easy, int (*callback)(void *, curl_off_t, int));
long assay_curl_get_long(CURL *easy, CURLINFO info);
void *assay_curl_get_private(CURL *easy);
CURLMcode assay_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);

static inline CURLcode assay_curl_message_result(const CURLMsg *message) { return message->data.result; }
