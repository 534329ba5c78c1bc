/* claims.h: what a test in plain C states, counted. */
#ifndef WSECHO_TESTS_CLAIMS_H
#define WSECHO_TESTS_CLAIMS_H

#include <stddef.h>

/* Prints the claim if it does not hold; gives back whether it does. */
int claim(int holds, const char* what);

/* As claim(), with both numbers, or both texts, where they differ. */
int claim_equal(long long expected, long long actual, const char* what);
int claim_text(const char* expected, const char* actual, const char* what);

/* That the detail of the last failure on this thread names `words`. */
int claim_detail(const char* words, const char* what);

/* What main() returns: 0 where every claim held and there was at least one. */
int claims_result(void);

#endif
