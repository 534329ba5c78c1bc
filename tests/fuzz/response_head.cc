// Response heads: parsed and looked up as a simple reference does; an answer to the client's
// handshake is taken where each of the RFC's steps says so.
#include "protocol/response_head.h"

#include "protocol/client_handshake.h"
#include "protocol/http_connect.h"
#include "reference_answer.h"

namespace wsecho::fuzz {

namespace {

constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // RFC 6455, section 1.3

}  // namespace

void check(View input) {
    const auto text = text_of(input);
    const auto response = protocol::ResponseHead::parse(text);
    const auto head = read_response(text);
    require(response.has_value() == head.has_value(),
            "a head is taken where the reference takes it");
    if (!response) return;
    require(response->status() == status_of(*head), "the status is read");
    require(response->version() == head->first_line.substr(0, 8), "the version is read");
    compare_fields(response->lines(), *head);
    require(protocol::opens_tunnel(response->status()) == (head->first_line[9] == '2'),
            "any 2xx opens a tunnel");
    require(!protocol::is_permanent(response->status()) || head->first_line[9] == '3' ||
                head->first_line[9] == '4',
            "only what the client has to mend is permanent");

    for (const auto& asked : {std::vector<std::string>{}, {"chat"}, {"superchat", "chat"}}) {
        const auto judged = protocol::judge_answer(*response, {asked, {}}, accept);
        const auto* agreement = std::get_if<protocol::Agreement>(&judged);
        require((agreement != nullptr) == is_agreement(*head, asked, accept),
                "an answer is taken where the reference takes it");
        if (agreement == nullptr)
            require(!std::get<protocol::AnswerViolation>(judged).why.empty(),
                    "a refusal has words");
        else
            require(agreement->subprotocol.empty() ||
                        head->has_one("sec-websocket-protocol", agreement->subprotocol),
                    "the subprotocol is the answer's");
    }
}

}  // namespace wsecho::fuzz
