// UTF-8: in one piece and in any pieces the validator says what a simple reference says, and it
// sees a fault in the first byte that no continuation could mend.
#include "protocol/utf8.h"

#include "fuzz.h"
#include "reference_utf8.h"

namespace wsecho::fuzz {

void check(View input) {
    Reader reader{input};
    const std::uint8_t seed = reader.byte();
    const View text = reader.rest();
    const Text expected = judge_utf8(text);
    require(protocol::is_utf8(text) == (expected == Text::whole), "a whole text is judged right");

    protocol::Utf8Validator validator;
    std::size_t fed = 0;
    bool valid = true;
    for_each_piece(text, seed, [&](View piece) {
        valid = validator.feed(piece);
        fed += piece.size();
        require(valid == (judge_utf8(text.first(fed)) != Text::invalid),
                "a fault is seen in the piece that holds it, and only there");
        if (valid)
            require(validator.complete() == (judge_utf8(text.first(fed)) == Text::whole),
                    "a text that ends inside a character is known to");
        return valid;
    });
    require(valid == (expected != Text::invalid), "pieces make no difference");

    validator.reset();
    require(validator.complete() && validator.feed(bytes_of("plain")) && validator.complete(),
            "after reset() nothing is left of what was fed before");
}

}  // namespace wsecho::fuzz
