"""Greetings, thanks, goodbyes and small talk."""

from .common import Exchange, phrase, text_held, vary
from .names import PEOPLE

HELLO = ["Hi", "Hello", "Hey", "Good morning", "Good evening", "Good afternoon", "Hi there", "Hello there",
         "Hey there", "Good day", "Greetings", "Howdy", "Hiya", "Hallo"]
CALLED = ["", "", "", ", my friend", " friend", " again", ", assistant", " everyone", ", you", " dear model",
          ", little model", " to you", " robot", ", computer"]
TAIL = ["", "", "", ". Nice to meet you", "! Good to see you", ", are you there", ". Let us talk",
        "! I am new here", ". Can we chat", ", can you help me", "! What a nice day", ". I have a question", ", is anybody here",
        ". Shall we start"]
HELLO_REPLY = ["Hello! How can I help you?", "Hi! How can I help you?"]

HOW = ["How are you?", "How are you doing?", "How is it going?", "How do you do?", "How are things?",
       "How are you today?", "Are you well?", "Are you ok?", "How do you feel?", "How do you feel today?",
       "How have you been?", "What's up?", "Everything fine?", "Is everything ok with you?",
       "Hi, how are you?", "Hello, how are you?", "Hello, how are you today?", "Hey, how is it going?",
       "~So how are you feeling today?", "~Hey, how are you doing today?"]
HOW_REPLY = "I am fine, thank you. How can I help you?"

OPEN = ["", "", "", "Ok, ", "Great, ", "Good, ", "Perfect, ", "Nice, ", "Cool, ", "Alright, ", "Well, ", "Super, ", "Wow, ", "That was helpful, "]
THANKS = [o + c + t for o in OPEN for c in ["thanks", "thank you", "many thanks", "thx"] for t in
          ["", "", " so much", " a lot", " very much", " for that", " for the answer", " for your help", " again", " for helping me",
           " for everything", ", that helps", ", that was helpful", " a million"]] + [
          "~Great, thanks for the help", "~Wonderful, thank you so much"]
THANKS_REPLY = "You are welcome!"

BYE = [o + c + t for o in OPEN + ["Thanks, ", "Thank you, "] for c in ["bye", "goodbye", "see you", "good night", "bye bye", "farewell",
       "I have to go", "I must go now", "I am leaving now", "that is all", "that's all for today", "until next time"] for t in
       ["", "", "", " then", ", bye", ", my friend", ", see you later", ", see you tomorrow"]] + [
       "~Ok, see you later then", "~I have to go now, goodbye"]
BYE_REPLY = "Goodbye! Have a nice day."

PRAISE = ["Well done", "Good job", "You are great", "You are funny", "I like you", "That is correct", "Very good",
          "Nice", "Great", "Good answer", "You are smart", "That's right", "Awesome", "Cool", "Excellent",
          "You are very kind", "Nice work", "That was good", "You did well", "You did a good job", "Good work", "I like your answers",
          "Very nice", "You know a lot", "That was a good answer", "You are good at this", "You are the best", "~You did very well", "~Good work, I like you"]
PRAISE_REPLY = "Thank you! What else would you like to know?"

BLAME = ["That is wrong", "You are wrong", "That is not right", "No, that is false", "You are stupid", "Bad answer",
         "I don't like you", "That's not correct", "You made a mistake", "This is bad", "Wrong", "Nonsense"]
BLAME_REPLY = "I am sorry. I am a very small model and I make mistakes."

MOOD = ["I am tired", "I am sad", "I feel bad today", "I am bored", "I am hungry", "I had a bad day", "I feel lonely",
        "I am sick", "I am angry", "I am not feeling well"]
MOOD_REPLY = "I am sorry to hear that. I hope it gets better soon."
GLAD = ["I am happy", "I feel good today", "I had a great day", "I am very happy today", "I am glad", "Life is good",
        "I am in a good mood", "It is a nice day", "I am excited"]
GLAD_REPLY = "I am glad to hear that!"
FILLER = ["Ok", "Okay", "I see", "Hm", "Yes", "No", "Sure", "Right", "Interesting", "Really?", "Oh", "Aha", "Go on",
          "Understood", "Alright", "Wow"]
FILLER_REPLY = "What would you like to know?"

KINDS = [(HOW, [HOW_REPLY], ["fine"]), (THANKS, [THANKS_REPLY], ["welcome"]), (BYE, [BYE_REPLY], ["oodbye"]),
         (PRAISE, [PRAISE_REPLY], ["hank you"]), (BLAME, [BLAME_REPLY], ["sorry"]), (MOOD, [MOOD_REPLY], ["sorry"]),
         (GLAD, [GLAD_REPLY], ["glad"]), (FILLER, [FILLER_REPLY], ["What would you like"])]


def episode(ctx):
    """A greeting or a line of small talk."""
    rng = ctx.rng
    if rng.random() < 0.42:
        called = ", " + ctx.name if ctx.name and rng.random() < 0.4 else rng.choice(CALLED)
        if not ctx.name and rng.random() < 0.15:
            called = " " + rng.choice(["streamcore", "StreamCore", "streamcore-demo"])
        user = vary(rng, rng.choice(HELLO) + called + rng.choice(TAIL) + rng.choice(["", "", "!", ".", "?"]),
                    slips=True, polite=False)
        if ctx.facts.get("name") and rng.random() < 0.5:
            return [Exchange("greeting", user, f"Hello, {ctx.facts['name']}! How can I help you?",
                             {"contains": ["How can I help you"]}, text_held(user))]
        return [Exchange("greeting", user, rng.choice(HELLO_REPLY), {"contains": ["How can I help you"]}, text_held(user))]
    texts, replies, contains = rng.choices(KINDS, [6, 4, 4, 3, 1, 1, 1, 1])[0]
    text, held = phrase(ctx, texts)
    user = vary(rng, text + ("" if text[-1] in "?.!" else "."), slips=True, polite=texts is HOW)
    return [Exchange("greeting", user, rng.choice(replies), {"contains": contains}, held or text_held(user))]
