/** What guessers try first, in lower case; shorter ones are refused for their length. */
const common: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 password12345 password123456 password! password1! password2 password01 passw0rd p@ssw0rd
   p@ssword p@ssword1 pa$$word pa$$w0rd passwort passwort1 passwort123 kennwort motdepasse contraseña contrasena senha123 parola123 mypassword
   mypassword1 newpassword yourpassword thepassword passpass password0 password9 password99 password11 password21 password00 passwordpassword 12345678
   123456789 1234567890 12345678910 123456789a 12345678a 1234567891 0123456789 01234567 87654321 987654321 9876543210 123123123 12341234 11223344
   1122334455 112233445566 123321123 12344321 1234554321 123454321 123456123 123456654321 147258369 159357456 741852963 789456123 789456123a 159753456
   147852369 963852741 13579246 1357924680 24681012 10203040 1029384756 31415926 00000000 000000000 0000000000 11111111 111111111 1111111111 22222222
   33333333 44444444 55555555 555555555 66666666 77777777 88888888 888888888 99999999 999999999 12121212 13131313 69696969 10101010 19841984 20202020
   20252025 20262026 qwertyui qwertyuiop qwertyuio qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty01 qwerty11 qwertyqwerty qwertz123
   qwertzui qwertzuiop azertyui azertyuiop azerty123 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 qazwsxedc
   qazwsx123 zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zxcvbnm, asdfghjk asdfghjkl asdfghjkl; asdf1234 asdfasdf asdfjkl; asdfqwer asd12345 1234qwer
   12345qwert qwer1234 qweasdzxc qwe123qwe 123qweasd 123qwe123 123qweasdzxc q1w2e3r4t5y6 zxcvzxcv qweqweqwe asdasdasd abcdefgh abcdefghi abcdefghij
   abcd1234 abc12345 abc123456 abc123abc abcabcabc a1b2c3d4 a1b2c3d4e5 aa123456 a1234567 a12345678 a123456789 aaaaaaaa aaaaaaaaa aaaaaaaaaa zzzzzzzz
   xxxxxxxx 1234abcd 123456ab 123456abc 123abc123 12345abc 123456aa 12345678q iloveyou iloveyou1 iloveyou2 iloveyou123 iloveme1 ilovegod letmein1
   letmein12 letmein123 letmeinnow welcome1 welcome12 welcome123 welcome1! welcome2025 welcome2026 admin123 admin1234 admin12345 admin123456 adminadmin
   administrator root1234 rootroot toor1234 changeme changeme1 changeme123 changeit default1 default123 secret123 secret12 topsecret test1234 test12345
   testtest testing1 testing123 testpass guest123 guest1234 user1234 username login123 access14 master123 trustno1 whatever whatever1 computer computer1
   internet internet1 sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball superman superman1 batman123 spiderman
   pokemon1 pokemon123 starwars starwars1 jennifer jordan23 michelle michael1 charlie1 danielle samantha elizabeth alexander victoria jonathan benjamin
   christian anthony1 patricia dragon123 monkey123 shadow123 killer123 hunter12 hunter123 mustang1 corvette mercedes liverpool liverpool1 chelsea1
   arsenal1 barcelona juventus butterfly chocolate blink182 metallica rockyou1 lovelove loveyou1 lovely123 babygirl babygirl1 sweetheart beautiful
   facebook linkedin google123 minecraft nintendo playstation summer2024 summer2025 summer2026 winter2025 winter2026 spring2025 spring2026 autumn2025
   january1 december hello123 hello1234 hellohello helloworld fuckyou1 fuckyou123 asshole1 bullshit mynameis 12qwaszx zxasqw12 maverick midnight cowboys1
   scorpion marlboro swordfish correcthorse heddle123 heddle1234 heddle12345 heddleheddle`.split(/\s+/),
);

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Why a new password is refused although it is long enough, or null. `own`: what everybody who knows of the person would try first. */
export function easilyGuessed(password: string, own: { email: string; organization: string }): string | null {
  if (common.has(password.toLowerCase())) return 'is one of the most common ones: choose another';
  const bare = letters(password);
  if (bare !== '' && [own.email, own.email.split('@')[0] ?? '', own.organization].some((word) => letters(word) === bare)) {
    return 'must be more than your address or the name of your organization';
  }
  return null;
}
