from agent.relay.tokens import tokens, usage


def test_tokens_are_rounded_up():
    assert [tokens(ms, 100) for ms in (0, 1, 100, 101)] == [0, 1, 1, 2]


def test_the_bill_adds_up():
    bill = usage((3, 4), (5, 6))
    assert (bill["input_tokens"], bill["output_tokens"], bill["total_tokens"]) == (7, 11, 18)
    assert bill["input_token_details"]["audio_tokens"] == 4
    assert bill["output_token_details"] == {"text_tokens": 5, "audio_tokens": 6}
