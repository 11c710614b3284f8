//! The names of the demo: customers of many countries and scripts, suppliers, and what is sold.

/// Customers in each country.
pub const CUSTOMERS_OF_COUNTRY: usize = 5;

/// Country, city, currency, the person to ask for, customers.
type Country = (&'static str, &'static str, &'static str, &'static str, [&'static str; 5]);

/// Name, price of one in US cents, its two sizes, its kinds.
type Group = (&'static str, i64, [&'static str; 2], [&'static str; 5]);

/// Code, name, place of the base, thousandths of the base that make one.
pub const UNITS: [(&str, &str, Option<usize>, i64); 6] = [
    ("pcs", "Piece", None, 1_000),
    ("doz", "Dozen", Some(0), 12_000),
    ("kg", "Kilogram", None, 1_000),
    ("g", "Gram", Some(2), 1),
    ("l", "Litre", None, 1_000),
    ("m", "Metre", None, 1_000),
];

/// Name, code.
pub const CARRIERS: [(&str, &str); 6] = [
    ("Curlew Express", "CURLEW"),
    ("Overland Post", "OVERLAND"),
    ("Blue Whale Freight", "BWHALE"),
    ("Nordlicht Spedition", "NORDLICHT"),
    ("Mistral Messagerie", "MISTRAL"),
    ("青い鳥運輸", "AOITORI"),
];

/// Name, country, city; each supplies one group of items.
pub const SUPPLIERS: [(&str, &str, &str); 20] = [
    ("Exmoor Roasters Ltd", "GB", "Taunton"),
    ("Assam & Nilgiri Leaf", "IN", "Guwahati"),
    ("Zanzibar Spice House", "TZ", "Zanzibar"),
    ("Confiturerie du Lac", "CH", "Vevey"),
    ("堺打刃物株式会社", "JP", "堺市"),
    ("Fonderie Ardennaise", "FR", "Sedan"),
    ("Drechslerei Erzgebirge", "DE", "Seiffen"),
    ("Bocal & Fils", "BE", "Liège"),
    ("Cerâmica de Caldas", "PT", "Caldas da Rainha"),
    ("Sklárna Nový Bor", "CZ", "Nový Bor"),
    ("Cuchillería Albacete", "ES", "Albacete"),
    ("Lino Lietuviškas", "LT", "Biržai"),
    ("Kerzen Allgäu", "DE", "Kempten"),
    ("Lumen Nordic", "DK", "Aarhus"),
    ("Ткацька фабрика", "UA", "Івано-Франківськ"),
    ("Korbwaren Lichtenfels", "DE", "Lichtenfels"),
    ("Sheffield Garden Tools", "GB", "Sheffield"),
    ("Terrecotte Impruneta", "IT", "Impruneta"),
    ("Zaadhandel Enkhuizen", "NL", "Enkhuizen"),
    ("Κήπος και Νερό", "GR", "Βόλος"),
];

/// Where customers are.
pub const COUNTRIES: [Country; 24] = [
    (
        "US",
        "Chicago",
        "USD",
        "Dana Whitfield",
        [
            "Prairie Table Co.",
            "Lakeshore Kitchens",
            "Blue Heron Mercantile",
            "Cedar & Salt",
            "Foggy Bottom Provisions",
        ],
    ),
    (
        "CA",
        "Montréal",
        "CAD",
        "Émilie Tremblay",
        [
            "Maison Laurier",
            "Northern Hearth Supply",
            "Épicerie du Vieux-Port",
            "Maple Row Goods",
            "Halifax Harbour Stores",
        ],
    ),
    (
        "MX",
        "Guadalajara",
        "MXN",
        "Ximena Núñez",
        [
            "La Cocina de Doña Peña",
            "Mesa y Mantel",
            "El Rincón del Café",
            "Casa Jalisco",
            "Artesanías Ñandú",
        ],
    ),
    (
        "BR",
        "São Paulo",
        "BRL",
        "João Gonçalves",
        ["Cafés do Sertão", "Armazém São João", "Pão & Prosa", "Casa Aração", "Mercearia Coração"],
    ),
    (
        "GB",
        "Bristol",
        "GBP",
        "Owain Llewellyn",
        [
            "Brackenbury & Daughters",
            "The Copper Kettle",
            "Tŷ Coffi",
            "Loch & Larder",
            "Pimlico Pantry",
        ],
    ),
    (
        "IE",
        "Galway",
        "EUR",
        "Gráinne Ó Máille",
        ["Siopa na Mara", "The Turf Fire", "Claddagh Home", "Bainne & Arán", "Liffey Linens"],
    ),
    (
        "FR",
        "Reims",
        "EUR",
        "Cécile Lefèvre",
        [
            "Vins et alcools Chevreuil",
            "La Maison d'Été",
            "Café des Arômes",
            "L'Œuf à la Coque",
            "Épices & Cie",
        ],
    ),
    (
        "DE",
        "Köln",
        "EUR",
        "Jürgen Groß",
        [
            "Küchenhaus Müßig",
            "Teekontor Grünwald",
            "Gebrüder Hölzl",
            "Schönes fürs Haus",
            "Straßencafé am Fluß",
        ],
    ),
    (
        "AT",
        "Wien",
        "EUR",
        "Veronika Jägermayr",
        [
            "Kaffeehaus Zur Böhmischen Krone",
            "Tischkultur Sölden",
            "Feinkost Mühlviertel",
            "Salzburger Stube",
            "Wiener Wäsche",
        ],
    ),
    (
        "CH",
        "Zürich",
        "CHF",
        "Ueli Rüegg",
        [
            "Chuchichäschtli AG",
            "Bergkristall Glas",
            "Maison Léman",
            "Casa Ticino",
            "Alpstein Handel",
        ],
    ),
    (
        "IT",
        "Torino",
        "EUR",
        "Nicolò D'Amico",
        [
            "Bottega del Caffè",
            "Casa Più Bella",
            "Dispensa di Nonna",
            "Ceramiche Città Alta",
            "Lino & Perché",
        ],
    ),
    (
        "ES",
        "Bilbao",
        "EUR",
        "Begoña Etxeberria",
        [
            "El Mantel Añejo",
            "Cafés Ibáñez",
            "Etxeko Gauzak",
            "Rincón Gallego",
            "La Despensa del Señor",
        ],
    ),
    (
        "PT",
        "Porto",
        "EUR",
        "Inês Magalhães",
        [
            "Casa da Louça",
            "Chá & Canção",
            "Azulejo Irmãos",
            "Mercado do Bolhão",
            "Linho de Guimarães",
        ],
    ),
    (
        "SE",
        "Göteborg",
        "SEK",
        "Åsa Öberg",
        ["Kök & Glöd", "Smörgås AB", "Fika på Hörnet", "Västkustens Hemmavaror", "Älvsborgs Linne"],
    ),
    (
        "PL",
        "Kraków",
        "PLN",
        "Paweł Wiśniewski",
        [
            "Kuchnia pod Różą",
            "Herbaciarnia Żółw",
            "Dom i Światło",
            "Łyżka i Spółka",
            "Gdańskie Szkło",
        ],
    ),
    (
        "CZ",
        "Brno",
        "CZK",
        "Kateřina Říhová",
        ["Čajovna U Žáby", "Křišťál Morava", "Dům a Kuchyň", "Pražské Dobroty", "Šťastný Stůl"],
    ),
    (
        "TR",
        "İzmir",
        "TRY",
        "Çağla Şahin",
        ["Ege Mutfağı", "Güneş Züccaciye", "Kahve Durağı", "İpek Sofra", "Bağ ve Bahçe"],
    ),
    (
        "GR",
        "Θεσσαλονίκη",
        "EUR",
        "Γιώργος Αλεξίου",
        [
            "Το Σπίτι του Καφέ",
            "Κεραμικά Αιγαίου",
            "Μπαχάρια Ανατολής",
            "Αφοί Παππά",
            "Λινό και Φως",
        ],
    ),
    (
        "UA",
        "Львів",
        "UAH",
        "Оксана Шевченко",
        ["Львівська кав'ярня", "Дім і сад", "Крамниця «Зерно»", "Скло Карпат", "Ґанок"],
    ),
    (
        "GE",
        "თბილისი",
        "GEL",
        "ნინო ბერიძე",
        ["ჩაის სახლი", "თბილისის სუფრა", "კახური ნობათი", "ძველი ქალაქი", "თეთრი ხიდი"],
    ),
    (
        "AE",
        "دبي",
        "AED",
        "ليلى المنصوري",
        ["بيت القهوة", "متجر الخليج", "سوق البهارات", "دار الضيافة", "نجوم الصحراء"],
    ),
    (
        "IL",
        "תל אביב",
        "ILS",
        "תמר לוי",
        ["בית הקפה של נועה", "כלי בית גליל", "תבלינים מהשוק", "שולחן ערוך", "אור וזכוכית"],
    ),
    (
        "IN",
        "मुंबई",
        "INR",
        "अनन्या शर्मा",
        ["चाय घर", "मसाला भंडार", "रसोई की दुकान", "दीपक लाइट हाउस", "सूती वस्त्र"],
    ),
    (
        "JP",
        "京都",
        "JPY",
        "山本 さくら",
        [
            "株式会社 山茶花",
            "京の台所",
            "珈琲館 つきのわ",
            "硝子工房 みなと",
            "株式会社ホームテーブル",
        ],
    ),
];

/// Groups of items, by the group that they lie inside.
pub const CATEGORIES: [(&str, [Group; 4]); 5] = [
    (
        "Pantry",
        [
            (
                "Coffee",
                1_150,
                ["250 g", "1 kg"],
                [
                    "Highland Blend",
                    "House Espresso",
                    "Decaf Lowland",
                    "Yirgacheffe",
                    "Sumatra Dark",
                ],
            ),
            (
                "Tea",
                890,
                ["100 g", "500 g"],
                ["Breakfast Leaf", "Jasmine Pearls", "Smoked Pine", "White Peony", "Rooibos Amber"],
            ),
            (
                "Spices",
                640,
                ["tin", "refill bag"],
                ["Smoked Paprika", "Green Cardamom", "Ceylon Cinnamon", "Black Pepper", "Turmeric"],
            ),
            (
                "Preserves",
                720,
                ["jar", "case of 6"],
                ["Bitter Orange", "Wild Blueberry", "Fig & Walnut", "Quince", "Tomato Chutney"],
            ),
        ],
    ),
    (
        "Kitchen",
        [
            (
                "Knives",
                3_900,
                ["small", "large"],
                ["Paring Knife", "Chef's Knife", "Bread Knife", "Cleaver", "Santoku"],
            ),
            (
                "Pots and pans",
                5_200,
                ["20 cm", "28 cm"],
                [
                    "Iron Skillet",
                    "Copper Saucepan",
                    "Enamel Casserole",
                    "Steel Stockpot",
                    "Carbon Wok",
                ],
            ),
            (
                "Tools",
                1_450,
                ["beech", "steel"],
                ["Ladle", "Whisk", "Rolling Pin", "Pepper Mill", "Grater"],
            ),
            (
                "Storage",
                1_680,
                ["half litre", "two litres"],
                ["Clip Jar", "Bread Crock", "Oil Can", "Tea Caddy", "Salt Pig"],
            ),
        ],
    ),
    (
        "Table",
        [
            (
                "Stoneware",
                2_100,
                ["grey", "moss"],
                ["Dinner Plate", "Soup Bowl", "Serving Dish", "Mug", "Pitcher"],
            ),
            (
                "Glass",
                1_750,
                ["clear", "smoke"],
                ["Tumbler", "Wine Glass", "Carafe", "Bud Vase", "Cake Dome"],
            ),
            (
                "Cutlery",
                2_850,
                ["set of 4", "set of 12"],
                ["Table Fork", "Table Knife", "Soup Spoon", "Tea Spoon", "Cake Fork"],
            ),
            (
                "Linen",
                2_400,
                ["natural", "indigo"],
                ["Napkin", "Table Runner", "Tea Towel", "Apron", "Oven Glove"],
            ),
        ],
    ),
    (
        "Home",
        [
            (
                "Candles",
                1_250,
                ["tall", "short"],
                ["Beeswax Pillar", "Tallow Taper", "Juniper Jar", "Cedar Jar", "Floating Light"],
            ),
            (
                "Lamps",
                6_900,
                ["desk", "floor"],
                ["Brass Arm", "Paper Globe", "Oak Stem", "Harbour Lantern", "Stone Foot"],
            ),
            (
                "Textiles",
                4_800,
                ["single", "double"],
                ["Wool Throw", "Linen Sheet", "Cotton Quilt", "Felt Rug", "Down Cushion"],
            ),
            (
                "Baskets",
                2_650,
                ["round", "oval"],
                ["Willow Log", "Rush Bread", "Seagrass Laundry", "Birch Fruit", "Rattan Tray"],
            ),
        ],
    ),
    (
        "Garden",
        [
            (
                "Tools for the garden",
                3_150,
                ["short", "long"],
                ["Hand Fork", "Trowel", "Pruner", "Dibber", "Leaf Rake"],
            ),
            (
                "Pots for plants",
                1_900,
                ["15 cm", "30 cm"],
                ["Terracotta Bell", "Glazed Cylinder", "Slate Trough", "Zinc Bucket", "Moss Bowl"],
            ),
            (
                "Seeds",
                390,
                ["packet", "box"],
                ["Sweet Pea", "Meadow Mix", "Winter Kale", "Borage", "Cornflower"],
            ),
            (
                "Water",
                2_750,
                ["five litres", "nine litres"],
                ["Watering Can", "Rain Gauge", "Bird Bath", "Hose Reel", "Mister"],
            ),
        ],
    ),
];

/// What one US dollar buys of each currency, in ten-thousandths: about the rates of 2024, fixed so
/// that the demo stays the same.
pub const RATES: [(&str, i64); 18] = [
    ("USD", 10_000),
    ("CAD", 13_700),
    ("MXN", 183_000),
    ("BRL", 54_000),
    ("GBP", 7_800),
    ("EUR", 9_200),
    ("CHF", 8_800),
    ("SEK", 105_000),
    ("PLN", 39_800),
    ("CZK", 231_000),
    ("TRY", 328_000),
    ("UAH", 401_000),
    ("GEL", 27_200),
    ("AED", 36_700),
    ("ILS", 37_000),
    ("INR", 836_000),
    ("JPY", 1_514_000),
    ("KWD", 3_070),
];
