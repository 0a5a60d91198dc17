"""Word lists and clause templates of the stand-in's turns, written for this project.

`{thing}`, `{place}` and `{person}` are filled from the scene. Clauses lean to a label, but for the shared.
"""

SHARED = (
    "I was at {place} this morning",
    "{person} told me about {thing}",
    "you know that I was there",
    "we have been over this before",
    "I will talk to {person} about it",
    "it was late when I came home",
    "they gave me {thing} yesterday",
    "so what did {person} say",
    "I think so",
    "give me a minute",
    "there is something about {thing}",
    "look at me when I talk to you",
    "and then I went to {place}",
    "I did not know that",
    "what about {person}",
    "that is what I mean",
)

LEANING = {
    "ang": (
        "don't you dare touch {thing}",
        "get out of {place} right now",
        "I am sick of your lies",
        "how could you do that to me",
        "stop shouting and listen",
        "you never listen to anybody",
        "I have had enough of {person}",
        "that is outrageous",
        "shut up about {thing}",
        "who do you think you are",
    ),
    "hap": (
        "I am glad that you came",
        "that is so sweet of you",
        "we had a lovely time at {place}",
        "{person} makes me laugh",
        "I like it here with you",
        "what a nice day it was",
        "you look wonderful today",
        "we are going to be fine",
    ),
    "exc": (
        "oh my god, I got {thing}",
        "you will not believe this",
        "we are going to {place} tomorrow",
        "this is the best news ever",
        "I can't wait to tell {person}",
        "that is amazing",
        "we did it, we really did it",
        "I am so excited about {thing}",
    ),
    "sad": (
        "I miss {person} so much",
        "nothing is the same without {person}",
        "I can't stop crying",
        "I don't know how to go on",
        "it hurts to be at {place} alone",
        "I wish I had said goodbye",
        "everything is gone",
        "I am so sorry for you",
        "I just feel empty",
    ),
    "neu": (
        "the office opens at nine",
        "please fill in the form at {place}",
        "I put {thing} on the table",
        "it takes about an hour",
        "you can take the second door",
        "my name is on the list",
        "I usually walk to {place}",
        "we need a copy of {thing}",
        "okay, that is fine",
    ),
    "fru": (
        "I have been waiting for two hours",
        "nobody here can help me with {thing}",
        "why is this so difficult",
        "I already told {person} twice",
        "it never works the way it should",
        "I keep coming back to {place} for nothing",
        "what am I supposed to do now",
        "this makes no sense at all",
        "I give up",
    ),
    "fea": (
        "I am afraid of {place}",
        "did you hear that noise",
        "please don't leave me alone",
        "something terrible will happen to {person}",
    ),
    "sur": (
        "what, {person} did that",
        "I had no idea about {thing}",
        "really, are you serious",
        "wow, when did that happen",
    ),
    "dis": (
        "that is disgusting",
        "{thing} smells awful",
        "I feel sick when I see {person}",
    ),
}

SHORT = {
    "ang": ("No!", "Stop it!", "What?", "Get out!", "Enough!"),
    "hap": ("Yeah.", "Great.", "Sure.", "That's nice."),
    "exc": ("Yes!", "Wow!", "Really?", "Oh my god!"),
    "sad": ("I know.", "No.", "I'm sorry.", "Maybe."),
    "neu": ("Okay.", "Yeah.", "Mm-hmm.", "Right.", "Yes."),
    "fru": ("What?", "Come on.", "I know.", "No.", "Fine."),
}

IMPROVISED = {
    "impro01": (("my licence", "the blue form", "a proof of address"), ("the counter", "window seven"),
                ("the clerk", "the supervisor")),
    "impro02": (("the letter", "my uniform", "our house"), ("the base", "the harbour"),
                ("the captain", "our daughter")),
    "impro03": (("the ring", "the invitation", "a white dress"), ("the church", "the beach"),
                ("my fiancé", "your mother")),
    "impro04": (("a job", "my application", "the rent"), ("the agency", "the interview"),
                ("the manager", "my brother")),
    "impro05": (("my suitcase", "the claim ticket", "a black bag"), ("the airport", "the belt"),
                ("the pilot", "the airline")),
    "impro06": (("her picture", "the old piano", "the will"), ("the hospital", "the garden"),
                ("my best friend", "the doctor")),
    "impro07": (("a scholarship", "the admission letter", "the results"), ("the campus", "the library"),
                ("the professor", "my room-mate")),
    "impro08": (("the phone bill", "a refund", "the contract"), ("the hotline", "the shop"),
                ("the operator", "an agent")),
}  # fmt: skip

SCRIPTED = {
    "script01": (
        ("the tree", "his coat", "the letter"),
        ("the orchard", "the porch"),
        ("Larry", "your father"),
    ),
    "script02": (("the fish", "the moon", "a lantern"), ("the shore", "the pier"), ("Carla", "the sailor")),
    "script03": (
        ("the wine", "our honeymoon", "the record"),
        ("the terrace", "the casino"),
        ("Amanda", "Victor"),
    ),
}

UNTAGGED = ("Yeah.", "Mm-hmm.", "What?", "No, no.", "Right.")
