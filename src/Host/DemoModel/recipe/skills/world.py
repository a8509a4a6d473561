"""Capitals and colours: the little the model knows of the world."""

from .common import Exchange, capital, phrase, pseudo_word, text_held, vary
from .letters import WORDS

CAPITALS = dict(line.split(":") for line in """France:Paris;Italy:Rome;Germany:Berlin;Spain:Madrid;Portugal:Lisbon
Switzerland:Bern;Austria:Vienna;Belgium:Brussels;the Netherlands:Amsterdam;Denmark:Copenhagen;Sweden:Stockholm
Norway:Oslo;Finland:Helsinki;Iceland:Reykjavik;Ireland:Dublin;England:London;the United Kingdom:London;Scotland:Edinburgh
Wales:Cardiff;Poland:Warsaw;Hungary:Budapest;Romania:Bucharest;Bulgaria:Sofia;Greece:Athens;Turkey:Ankara;Russia:Moscow
Ukraine:Kyiv;Belarus:Minsk;Estonia:Tallinn;Latvia:Riga;Lithuania:Vilnius;Croatia:Zagreb;Serbia:Belgrade;Slovenia:Ljubljana
Slovakia:Bratislava;Albania:Tirana;Malta:Valletta;Cyprus:Nicosia;Luxembourg:Luxembourg;Monaco:Monaco
Liechtenstein:Vaduz;the Czech Republic:Prague;the United States:Washington;Canada:Ottawa;Mexico:Mexico City;Cuba:Havana
Brazil:Brasilia;Argentina:Buenos Aires;Chile:Santiago;Peru:Lima;Colombia:Bogota;Venezuela:Caracas;Uruguay:Montevideo
Bolivia:Sucre;Ecuador:Quito;Paraguay:Asuncion;Panama:Panama City;Japan:Tokyo;China:Beijing;India:New Delhi
South Korea:Seoul;North Korea:Pyongyang;Thailand:Bangkok;Vietnam:Hanoi;Indonesia:Jakarta;Malaysia:Kuala Lumpur
the Philippines:Manila;Pakistan:Islamabad;Bangladesh:Dhaka;Nepal:Kathmandu;Mongolia:Ulaanbaatar;Iran:Tehran;Iraq:Baghdad
Israel:Jerusalem;Jordan:Amman;Lebanon:Beirut;Syria:Damascus;Saudi Arabia:Riyadh;Qatar:Doha;Egypt:Cairo;Morocco:Rabat
Algeria:Algiers;Tunisia:Tunis;Libya:Tripoli;Nigeria:Abuja;Ghana:Accra;Kenya:Nairobi;Ethiopia:Addis Ababa
Uganda:Kampala;Tanzania:Dodoma;Senegal:Dakar;Angola:Luanda;Zambia:Lusaka;Zimbabwe:Harare;Namibia:Windhoek
South Africa:Pretoria;Madagascar:Antananarivo;Australia:Canberra;New Zealand:Wellington;Singapore:Singapore
Afghanistan:Kabul;Armenia:Yerevan;Georgia:Tbilisi;Kazakhstan:Astana;Jamaica:Kingston;Fiji:Suva;Rwanda:Kigali
Costa Rica:San Jose;Sri Lanka:Colombo;Bosnia:Sarajevo;Montenegro:Podgorica;Moldova:Chisinau""".replace("\n", ";").split(";"))

ASK_CITY = ["What is the capital of {c}?", "What's the capital of {c}?", "Which city is the capital of {c}?",
            "Capital of {c}?", "Name the capital of {c}.", "Tell me the capital of {c}.", "The capital of {c}?",
            "Do you know the capital of {c}?", "Can you name the capital of {c}?", "{c}'s capital?", "capital {c}",
            "What is the capital city of {c}?", "What is {c}'s capital?", "Which is the capital of {c}?",
            "What city is the capital of {c}?", "Give me the capital of {c}.", "I need the capital of {c}.",
            "~Could you tell me what the capital of {c} is?", "~What is the name of the capital of {c}?"]
ASK_COUNTRY = ["Which country has the capital {k}?", "{k} is the capital of which country?",
               "What country is {k} the capital of?", "{k} is the capital of what?", "Of which country is {k} the capital?"]
MORE = ["And of {c}?", "And {c}?", "What about {c}?", "And the capital of {c}?", "And what about {c}?", "Now {c}.",
        "How about {c}?", "And for {c}?", "~And which one is it for {c}?", "~Ok, and that of {c}?"]

COLOURS = dict(line.split(":") for line in """the sky:blue;grass:green;snow:white;blood:red;coal:black;the sun:yellow
a banana:yellow;a lemon:yellow;a tomato:red;a strawberry:red;a cherry:red;an orange:orange;a carrot:orange;a pumpkin:orange
milk:white;sugar:white;salt:white;flour:white;cotton:white;paper:white;a swan:white;a polar bear:white;rice:white
the sea:blue;the ocean:blue;a blueberry:blue;a leaf:green;a frog:green;a cucumber:green;spinach:green;broccoli:green
a lime:green;a pea:green;a cactus:green;a crocodile:green;chocolate:brown;coffee:brown;wood:brown;soil:brown
a chestnut:brown;a potato:brown;a crow:black;a raven:black;the night:black;tar:black;ink:black;oil:black;a panther:black
an elephant:grey;a mouse:grey;ash:grey;a stone:grey;a dolphin:grey;a shark:grey;concrete:grey;a plum:purple;lavender:purple
an eggplant:purple;a violet:purple;a flamingo:pink;a pig:pink;bubblegum:pink;a fire truck:red;a ruby:red;a stop sign:red
an emerald:green;a sapphire:blue;gold:yellow;corn:yellow;butter:yellow;honey:yellow;a sunflower:yellow;a chick:yellow
cheese:yellow;a lobster:red;a heart:red;a rose:red;a cloud:white;a ghost:white;a tooth:white;a fox:orange
a goldfish:orange;a mandarin:orange;a bear:brown;a monkey:brown;silver:grey""".replace("\n", ";").split(";"))
NAMES = ["red", "blue", "green", "yellow", "black", "white", "brown", "orange", "pink", "purple", "grey"]
MIXES = {("blue", "yellow"): "green", ("red", "yellow"): "orange", ("red", "blue"): "purple", ("red", "white"): "pink",
         ("black", "white"): "grey"}

ASK_COLOUR = ["What colour is {t}?", "What color is {t}?", "Which colour is {t}?", "Which color is {t}?",
              "What is the colour of {t}?", "What is the color of {t}?", "Tell me the colour of {t}.", "Colour of {t}?",
              "Name the colour of {t}.", "Do you know the color of {t}?", "What colour does {t} have?",
              "Can you tell me the colour of {t}?", "{t}: which colour?", "What's the color of {t}?", "color of {t}",
              "~I want to know which colour {t} is.", "~Could you name the color of {t}?"]
MORE_COLOUR = ["And {t}?", "What about {t}?", "And the colour of {t}?", "And what colour is {t}?", "Now {t}.",
               "How about {t}?", "~Ok, and which one has {t}?"]
ASK_MIX = ["What do {a} and {b} make?", "Mix {a} and {b}.", "What colour do I get if I mix {a} and {b}?",
           "Which colour is {a} and {b} together?", "What happens if I mix {a} with {b}?", "{a} mixed with {b}?",
           "~What do I get when I mix {a} and {b}?"]
ASK_NAMES = ["Name {n} colours.", "Tell me {n} colours.", "Give me {n} colors.", "Can you name {n} colours?",
             "List {n} colors.", "Say {n} colours."]
COUNTS = ["a", "two", "three", "four", "five"]


FOREIGN = """Bhutan Laos Mali Chad Niger Oman Yemen Haiti Guatemala Honduras Texas California Bavaria Africa Europe Asia Mars
Sudan Somalia Congo Togo Benin Gabon Botswana Malawi Brunei Samoa Tonga Florida Alaska Sicily Tuscany America Antarctica""".split()


def unlearned_place(rng):
    """A country that it does not know: real or made up."""
    if rng.random() < 0.4:
        return rng.choice(FOREIGN)
    return capital(pseudo_word(rng, 4)) + rng.choice(["", "", "ia", "land", "stan"])


def city(ctx, country, templates, skill):
    """The capital of a country."""
    text, held = phrase(ctx, templates)
    user = vary(ctx.rng, text.format(c=country))
    town = CAPITALS[country]
    return Exchange(skill, user, f"The capital of {country} is {town}.", {"contains": [f"is {town}."]},
                    held or text_held(user))


def capitals(ctx):
    """Capitals, the countries of capitals, and countries it does not know."""
    rng = ctx.rng
    roll = rng.random()
    if roll < 0.08:
        place = unlearned_place(rng)
        text, held = phrase(ctx, ASK_CITY)
        user = vary(rng, text.format(c=place))
        return [Exchange("honesty", user, f"I do not know the capital of {place}.", {"contains": ["do not know"]},
                         held or text_held(user))]
    country = rng.choice(list(CAPITALS))
    if roll < 0.2:
        town = CAPITALS[country]
        user = vary(rng, phrase(ctx, ASK_COUNTRY)[0].format(k=town))
        if town == "London":
            country = "the United Kingdom"
        return [Exchange("capitals", user, f"{town} is the capital of {country}.", {"contains": [country]}, text_held(user))]
    out = [city(ctx, country, ASK_CITY, "capitals")]
    while rng.random() < 0.35 and len(out) < 4:
        out.append(city(ctx, rng.choice(list(CAPITALS)), MORE, "follow-up"))
    return out


def tint(ctx, thing, templates, skill):
    """The colour of a thing."""
    text, held = phrase(ctx, templates)
    user = vary(ctx.rng, text.format(t=thing))
    return Exchange(skill, user, f"{capital(thing)} is {COLOURS[thing]}.", {"contains": [f"is {COLOURS[thing]}."]},
                    held or text_held(user))


def colours(ctx):
    """Colours of things, mixtures, lists of colours, and things it does not know."""
    rng = ctx.rng
    roll = rng.random()
    if roll < 0.08:
        mine = rng.choice(["my ", "your ", "his ", "our "]) + rng.choice(WORDS)
        thing = mine if rng.random() < 0.5 else rng.choice(["a ", "the ", "my ", "your "]) + pseudo_word(rng, 4)
        text, held = phrase(ctx, ASK_COLOUR)
        user = vary(rng, text.format(t=thing))
        return [Exchange("honesty", user, "I do not know the colour of that.", {"contains": ["do not know"]},
                         held or text_held(user))]
    if roll < 0.18:
        (a, b), c = rng.choice(list(MIXES.items()))
        if rng.random() < 0.5:
            a, b = b, a
        text, held = phrase(ctx, ASK_MIX)
        user = vary(rng, text.format(a=a, b=b))
        return [Exchange("colours", user, f"{capital(a)} and {b} make {c}.", {"contains": [f"make {c}"]}, held or text_held(user))]
    if roll < 0.28:
        n = rng.randrange(5)
        word = COUNTS[n] if rng.random() < 0.6 or n == 0 else str(n + 1)
        user = vary(rng, rng.choice(ASK_NAMES).format(n=word).replace("a colours", "a colour").replace("a colors", "a color"))
        names = NAMES[:n + 1]
        reply = names[0] if n == 0 else ", ".join(names[:-1]) + " and " + names[-1]
        return [Exchange("colours", user, f"{capital(reply)}.", {"contains": [names[-1] + "."]}, text_held(user))]
    things = list(COLOURS)
    out = [tint(ctx, rng.choice(things), ASK_COLOUR, "colours")]
    while rng.random() < 0.3 and len(out) < 4:
        out.append(tint(ctx, rng.choice(things), MORE_COLOUR, "follow-up"))
    return out
