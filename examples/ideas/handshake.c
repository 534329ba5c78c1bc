/* Who may come in: a token decides, which a slow directory knows. Others get 401 and learn why.
 *
 *   wsecho-handshake 9001
 *   python3 -m websockets 'ws://127.0.0.1:9001/?token=ada'
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

struct question {
    wsecho_connection_id id;
    char token[64];
};

struct directory {
    wsecho_server *server;
    int questions[2]; /* a pipe: the loop writes to it, the directory's thread reads */
};

static void let_in(wsecho_server *server, wsecho_connection_id id, const char *name) {
    wsecho_acceptance acceptance = WSECHO_ACCEPTANCE_INIT;
    const wsecho_header header = {"X-User", name};
    acceptance.headers = &header;
    acceptance.header_count = 1;
    wsecho_handshake_accept(server, id, &acceptance);
}

static void turn_away(wsecho_server *server, wsecho_connection_id id, uint32_t status,
                      const char *why) {
    wsecho_rejection rejection = WSECHO_REJECTION_INIT;
    const wsecho_header challenge = {"WWW-Authenticate", "Bearer"};
    rejection.status = status;
    rejection.headers = &challenge;
    rejection.header_count = status == 401 ? 1 : 0;
    rejection.body = why;
    rejection.body_length = strlen(why);
    wsecho_handshake_reject(server, id, &rejection);
}

/* It may take its time: the loop goes on meanwhile. */
static void *answer_questions(void *argument) {
    const struct directory *directory = argument;
    struct question question;
    while (read(directory->questions[0], &question, sizeof question) == sizeof question)
        if (strcmp(question.token, "ada") == 0)
            let_in(directory->server, question.id, "Ada");
        else
            turn_away(directory->server, question.id, 401, "nobody has this token\n");
    return NULL;
}

static void on_handshake(wsecho_server *server, wsecho_connection_id id,
                         const wsecho_handshake *handshake, void *user) {
    const struct directory *directory = user;
    struct question question = {id, ""};
    const char *token = strstr(handshake->query, "token=");
    if (token == NULL || strlen(token + 6) >= sizeof question.token) {
        turn_away(server, id, 401, "say who you are: ?token=...\n"); /* no need to ask */
        return;
    }
    strcpy(question.token, token + 6);
    /* A write as small as this is whole or fails. */
    if (write(directory->questions[1], &question, sizeof question) < 0)
        turn_away(server, id, 503, "too many are waiting\n");
}

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    (void)user;
    wsecho_connection_send(server, id, type, payload, length);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    struct directory directory;
    pthread_t thread;

    callbacks.on_handshake = on_handshake;
    callbacks.on_message = on_message;
    options.origins = "same http://localhost:3000"; /* and pages of the developers' machines */

    if (pipe(directory.questions) != 0 || fcntl(directory.questions[1], F_SETFL, O_NONBLOCK) != 0)
        return 1;
    directory.server = host_create(argc, argv, &options, &callbacks, &directory);
    if (directory.server == NULL || host_start(directory.server) != 0) {
        fprintf(stderr, "handshake: %s\n", wsecho_error_detail());
        return 1;
    }
    if (pthread_create(&thread, NULL, answer_questions, &directory) != 0) return 1;
    host_wait();
    wsecho_server_stop(directory.server); /* no questions from here on, so that the pipe ends */
    close(directory.questions[1]);
    pthread_join(thread, NULL);
    wsecho_server_destroy(directory.server);
    return 0;
}
