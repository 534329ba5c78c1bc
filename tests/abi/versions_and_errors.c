/* Versions, error numbers and their words, as a C program meets them. */
#include <stdio.h>
#include <string.h>

#include "claims.h"
#include "wsecho/wsecho.h"

static const int errors[] = {
    WSECHO_ERR_INVALID_ARGUMENT,
    WSECHO_ERR_INVALID_OPTION,
    WSECHO_ERR_WRONG_STATE,
    WSECHO_ERR_IN_CALLBACK,
    WSECHO_ERR_VERSION,
    WSECHO_ERR_ADDRESS_IN_USE,
    WSECHO_ERR_ADDRESS_UNAVAILABLE,
    WSECHO_ERR_PERMISSION,
    WSECHO_ERR_DESCRIPTOR_LIMIT,
    WSECHO_ERR_OUT_OF_MEMORY,
    WSECHO_ERR_EVENT_LOOP,
    WSECHO_ERR_SYSTEM,
    WSECHO_ERR_GONE,
    WSECHO_ERR_CLOSING,
    WSECHO_ERR_BACKPRESSURE,
    WSECHO_ERR_TOO_BIG,
    WSECHO_ERR_NOT_FOUND,
    WSECHO_ERR_LIMIT,
    WSECHO_ERR_LATE,
};
enum { ERRORS = sizeof errors / sizeof errors[0] };

static void the_library_says_the_version_of_its_header(void) {
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", WSECHO_VERSION_MAJOR, WSECHO_VERSION_MINOR,
             WSECHO_VERSION_PATCH);
    claim_text(expected, wsecho_version(), "the linked version is the header's");
    claim_equal(WSECHO_ABI_VERSION, wsecho_abi_version(), "the linked ABI is the header's");
}

static void every_error_has_words_of_its_own(void) {
    const char* unknown = wsecho_strerror(-9999);
    int i, k;
    claim_text("success", wsecho_strerror(WSECHO_OK), "0 is a success");
    for (i = 0; i < ERRORS; ++i) {
        const char* words = wsecho_strerror(errors[i]);
        claim(errors[i] < 0, "an error is negative");
        claim(words != NULL && words[0] != '\0', "an error has words");
        claim(strcmp(words, unknown) != 0, "an error of the header is not unknown");
        for (k = 0; k < i; ++k)
            claim(strcmp(words, wsecho_strerror(errors[k])) != 0, "words stand for one error");
    }
}

static void a_number_that_is_no_error_still_has_words(void) {
    claim(wsecho_strerror(1)[0] != '\0', "a positive number has words");
    claim(wsecho_strerror(-2147483647 - 1)[0] != '\0', "the least number has words");
}

static void the_detail_is_empty_before_the_first_failure(void) {
    claim_text("", wsecho_error_detail(), "nothing has failed yet");
}

static void the_detail_tells_of_the_last_failure_and_outlives_a_success(void) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_start(NULL), "no server, no start");
    claim_detail("server", "the detail names the argument");
    claim_equal(WSECHO_OK, wsecho_server_options_init(&options), "this one succeeds");
    claim_detail("server", "a success changes no detail");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_options_init(NULL), "no options");
    claim_detail("options", "the next failure does");
}

int main(void) {
    the_detail_is_empty_before_the_first_failure();
    the_library_says_the_version_of_its_header();
    every_error_has_words_of_its_own();
    a_number_that_is_no_error_still_has_words();
    the_detail_tells_of_the_last_failure_and_outlives_a_success();
    return claims_result();
}
