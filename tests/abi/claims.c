#include "claims.h"

#include <stdio.h>
#include <string.h>

#include "wsecho/wsecho.h"

static int claims = 0;
static int broken = 0;

int claim(int holds, const char* what) {
    ++claims;
    if (holds) return 1;
    ++broken;
    printf("does not hold: %s\n", what);
    return 0;
}

int claim_equal(long long expected, long long actual, const char* what) {
    const int holds = claim(expected == actual, what);
    if (!holds) printf("    %lld was expected, %lld came\n", expected, actual);
    return holds;
}

int claim_text(const char* expected, const char* actual, const char* what) {
    const int holds = claim(actual != NULL && strcmp(expected, actual) == 0, what);
    if (!holds) printf("    \"%s\" was expected, \"%s\" came\n", expected, actual ? actual : "");
    return holds;
}

int claim_detail(const char* words, const char* what) {
    const int holds = claim(strstr(wsecho_error_detail(), words) != NULL, what);
    if (!holds) printf("    the detail is \"%s\"\n", wsecho_error_detail());
    return holds;
}

int claims_result(void) {
    printf("%d of %d claims hold\n", claims - broken, claims);
    return claims > 0 && broken == 0 ? 0 : 1;
}
