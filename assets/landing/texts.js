// The page's own words, each in Portuguese, English and Spanish (the order of `languages`). Words about places
// (names, summaries, categories) come from the API and are never translated here.

const languages = ["pt-BR", "en", "es"];

const table = {
  tagline: [
    "Lugares para visitar em Mato Grosso", "Places to visit in Mato Grosso, Brazil", "Lugares para visitar en Mato Grosso",
  ],
  skipToList: ["Ir para a lista", "Skip to the list", "Ir a la lista"],
  language: ["Idioma", "Language", "Idioma"],
  filters: ["Filtros", "Filters", "Filtros"],
  map: ["Mapa", "Map", "Mapa"],
  mapLabel: ["Mapa dos lugares", "Map of the places", "Mapa de los lugares"],
  mapHelp: [
    "Setas movem o mapa, mais e menos aproximam e afastam. A lista traz os mesmos lugares.",
    "Arrow keys move the map, plus and minus zoom. The list holds the same places.",
    "Las flechas mueven el mapa, más y menos acercan y alejan. La lista contiene los mismos lugares.",
  ],
  searchLabel: ["Buscar", "Search", "Buscar"],
  searchHint: ["cachoeira, museu…", "waterfall, museum…", "cascada, museo…"],
  city: ["Cidade", "City", "Ciudad"],
  allCities: ["Todas as cidades", "All cities", "Todas las ciudades"],
  openNow: ["Aberto agora", "Open now", "Abierto ahora"],
  withUnknown: [
    "Mostrar também sem informação", "Also show places without information", "Mostrar también sin información",
  ],
  nearMe: ["Perto de mim", "Near me", "Cerca de mí"],
  places: ["Lugares", "Places", "Lugares"],
  legend: ["Legenda", "Legend", "Leyenda"],
  zoomIn: ["Aproximar", "Zoom in", "Acercar"],
  zoomOut: ["Afastar", "Zoom out", "Alejar"],
  zoomAll: ["Ver tudo", "Show all", "Ver todo"],
  close: ["Fechar", "Close", "Cerrar"],
  more: ["Mostrar mais", "Show more", "Mostrar más"],
  retry: ["Tentar de novo", "Try again", "Intentar de nuevo"],
  loading: ["Carregando…", "Loading…", "Cargando…"],
  none: ["Nenhum lugar com esses filtros.", "No place matches these filters.", "Ningún lugar con estos filtros."],
  countOne: ["1 lugar", "1 place", "1 lugar"],
  countMany: ["{count} lugares", "{count} places", "{count} lugares"],
  countPart: [
    "{count} de {total} lugares: use os filtros para ver os outros",
    "{count} of {total} places: use the filters to see the others",
    "{count} de {total} lugares: use los filtros para ver los demás",
  ],
  byDistance: ["do mais perto ao mais longe", "nearest first", "del más cercano al más lejano"],
  you: ["Você", "You", "Usted"],
  open: ["Aberto", "Open", "Abierto"],
  openUntil: ["Aberto até {time}", "Open until {time}", "Abierto hasta {time}"],
  closed: ["Fechado", "Closed", "Cerrado"],
  closedUntil: ["Fechado, abre {time}", "Closed, opens {time}", "Cerrado, abre {time}"],
  unknownHours: ["Horário não informado", "Hours not known", "Horario no informado"],
  hours: ["Horário", "Hours", "Horario"],
  hoursRaw: ["Horário registrado", "Hours on record", "Horario registrado"],
  access: ["Cadeira de rodas", "Wheelchair", "Silla de ruedas"],
  accessYes: ["Acessível", "Accessible", "Accesible"],
  accessLimited: ["Acessível em parte", "Partly accessible", "Accesible en parte"],
  accessNo: ["Não acessível", "Not accessible", "No accesible"],
  accessUnknown: ["Sem informação", "Not known", "Sin información"],
  price: ["Entrada", "Admission", "Entrada"],
  free: ["Gratuita", "Free", "Gratuita"],
  paid: ["Paga", "Paid", "De pago"],
  distance: ["Distância", "Distance", "Distancia"],
  place: ["Posição", "Position", "Posición"],
  source: ["Fonte", "Source", "Fuente"],
  confidence: ["confiança", "confidence", "confianza"],
  confidenceHigh: ["alta", "high", "alta"],
  confidenceMedium: ["média", "medium", "media"],
  confidenceLow: ["baixa", "low", "baja"],
  uncategorised: ["Outros", "Other", "Otros"],
  event: ["Evento", "Event", "Evento"],
  route: ["Roteiro", "Route", "Ruta"],
  showCity: ["ver os lugares de {name}", "show the places of {name}", "ver los lugares de {name}"],
  failNetwork: ["O serviço não respondeu.", "The service did not answer.", "El servicio no respondió."],
  failNetworkDetail: [
    "Confira a conexão ou se o servidor está de pé, e tente de novo.",
    "Check the connection, or whether the server is running, and try again.",
    "Revise la conexión, o si el servidor está en marcha, e intente de nuevo.",
  ],
  failAnswer: [
    "O serviço respondeu com erro.", "The service answered with an error.", "El servicio respondió con un error.",
  ],
  failCard: [
    "Não foi possível ler os detalhes deste lugar.",
    "The details of this place could not be read.",
    "No se pudieron leer los detalles de este lugar.",
  ],
  locating: ["Procurando a sua posição…", "Looking for your position…", "Buscando su posición…"],
  locationDenied: [
    "Você não permitiu o uso da sua posição.",
    "You did not allow the use of your position.",
    "Usted no permitió el uso de su posición.",
  ],
  locationUnavailable: [
    "A sua posição não está disponível neste aparelho ou nesta conexão.",
    "Your position is not available on this device or connection.",
    "Su posición no está disponible en este dispositivo o conexión.",
  ],
  forDevelopers: ["Para quem desenvolve:", "For developers:", "Para quien desarrolla:"],
  tryApi: ["experimente a API no GraphiQL", "try the API in GraphiQL", "pruebe la API en GraphiQL"],
  sampleQuery: ["uma consulta de exemplo", "a sample query", "una consulta de ejemplo"],
};

const memory = "roteiro.language";

/** The visitor's last choice, else the first language of the browser that we speak, else Portuguese. */
export function preferredLanguage() {
  let chosen = null;
  try { chosen = localStorage.getItem(memory); } catch { /* storage may be forbidden: the browser's wish decides */ }
  if (languages.includes(chosen)) return chosen;
  for (const wish of navigator.languages ?? [navigator.language]) {
    const primary = wish.slice(0, 2).toLowerCase();
    if (primary === "pt") return "pt-BR";
    if (languages.includes(primary)) return primary;
  }
  return "pt-BR";
}

/** Keeps the choice for the next visit, where the browser allows it. */
export function rememberLanguage(language) {
  try { localStorage.setItem(memory, language); } catch { /* see preferredLanguage */ }
}

/** The words of `key`, with `{name}` places filled from `values`. */
export function say(language, key, values = {}) {
  return table[key][languages.indexOf(language)].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
