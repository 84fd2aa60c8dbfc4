// The page's own words in its three languages. Every language holds the same keys; words about places
// (names, summaries, categories) come from the API and are never translated here.

const portuguese = {
  tagline: "Lugares para visitar em Mato Grosso",
  taglineCounted: "Lugares para visitar em {cities} cidades de Mato Grosso",
  skipToList: "Ir para a lista", language: "Idioma", filters: "Filtros", map: "Mapa", mapLabel: "Mapa dos lugares",
  mapHelp: "Setas movem o mapa, mais e menos aproximam e afastam. A lista traz os mesmos lugares.",
  searchLabel: "Buscar", searchHint: "cachoeira, museu, Pantanal…",
  city: "Cidade", allCities: "Todas as cidades", openNow: "Aberto agora", wheelchair: "Entra cadeira de rodas",
  withUnknown: "Mostrar também sem informação", nearMe: "Perto de mim", places: "Lugares", legend: "Legenda",
  zoomIn: "Aproximar", zoomOut: "Afastar", zoomAll: "Ver tudo", close: "Fechar", more: "Mostrar mais",
  retry: "Tentar de novo", loading: "Carregando…", none: "Nenhum lugar com esses filtros.",
  countOne: "1 lugar", countMany: "{count} lugares", countPart: "{count} de {total} lugares: use os filtros para ver os outros",
  byDistance: "do mais perto ao mais longe", you: "Você",
  open: "Aberto", openUntil: "Aberto até {time}", closed: "Fechado", closedUntil: "Fechado, abre {time}",
  unknownHours: "Horário não informado", hours: "Horário", hoursRaw: "Horário registrado",
  access: "Cadeira de rodas", accessYes: "Acessível", accessLimited: "Acessível em parte", accessNo: "Não acessível",
  accessUnknown: "Sem informação", price: "Entrada", free: "Gratuita", paid: "Paga", distance: "Distância",
  category: "Categoria", place: "Posição", source: "Fonte", confidence: "confiança", confidenceHigh: "alta",
  confidenceMedium: "média", confidenceLow: "baixa", uncategorised: "Outros",
  event: "Evento", route: "Roteiro", cityResult: "Cidade", showCity: "ver os lugares de {name}",
  failNetwork: "O serviço não respondeu.", failNetworkDetail: "Confira a conexão ou se o servidor está de pé, e tente de novo.",
  failAnswer: "O serviço respondeu com erro.", failCard: "Não foi possível ler os detalhes deste lugar.",
  locating: "Procurando a sua posição…", locationDenied: "Você não permitiu o uso da sua posição. Nada foi alterado.",
  locationUnavailable: "A sua posição não está disponível neste aparelho ou nesta conexão.",
  forDevelopers: "Para quem desenvolve:", tryApi: "experimente a API no GraphiQL", sampleQuery: "uma consulta de exemplo",
  outline: "Contorno do estado: geodata-br (CC0).",
};

const english = {
  tagline: "Places to visit in Mato Grosso",
  taglineCounted: "Places to visit in {cities} cities of Mato Grosso, Brazil",
  skipToList: "Skip to the list", language: "Language", filters: "Filters", map: "Map", mapLabel: "Map of the places",
  mapHelp: "Arrow keys move the map, plus and minus zoom. The list holds the same places.",
  searchLabel: "Search", searchHint: "waterfall, museum, Pantanal…",
  city: "City", allCities: "All cities", openNow: "Open now", wheelchair: "Wheelchair can enter",
  withUnknown: "Also show places without information", nearMe: "Near me", places: "Places", legend: "Legend",
  zoomIn: "Zoom in", zoomOut: "Zoom out", zoomAll: "Show all", close: "Close", more: "Show more",
  retry: "Try again", loading: "Loading…", none: "No place matches these filters.",
  countOne: "1 place", countMany: "{count} places", countPart: "{count} of {total} places: use the filters to see the others",
  byDistance: "nearest first", you: "You",
  open: "Open", openUntil: "Open until {time}", closed: "Closed", closedUntil: "Closed, opens {time}",
  unknownHours: "Hours not known", hours: "Hours", hoursRaw: "Hours on record",
  access: "Wheelchair", accessYes: "Accessible", accessLimited: "Partly accessible", accessNo: "Not accessible",
  accessUnknown: "Not known", price: "Admission", free: "Free", paid: "Paid", distance: "Distance",
  category: "Category", place: "Position", source: "Source", confidence: "confidence", confidenceHigh: "high",
  confidenceMedium: "medium", confidenceLow: "low", uncategorised: "Other",
  event: "Event", route: "Route", cityResult: "City", showCity: "show the places of {name}",
  failNetwork: "The service did not answer.", failNetworkDetail: "Check the connection, or whether the server is running, and try again.",
  failAnswer: "The service answered with an error.", failCard: "The details of this place could not be read.",
  locating: "Looking for your position…", locationDenied: "You did not allow the use of your position. Nothing was changed.",
  locationUnavailable: "Your position is not available on this device or connection.",
  forDevelopers: "For developers:", tryApi: "try the API in GraphiQL", sampleQuery: "a sample query",
  outline: "State outline: geodata-br (CC0).",
};

const spanish = {
  tagline: "Lugares para visitar en Mato Grosso",
  taglineCounted: "Lugares para visitar en {cities} ciudades de Mato Grosso, Brasil",
  skipToList: "Ir a la lista", language: "Idioma", filters: "Filtros", map: "Mapa", mapLabel: "Mapa de los lugares",
  mapHelp: "Las flechas mueven el mapa, más y menos acercan y alejan. La lista contiene los mismos lugares.",
  searchLabel: "Buscar", searchHint: "cascada, museo, Pantanal…",
  city: "Ciudad", allCities: "Todas las ciudades", openNow: "Abierto ahora", wheelchair: "Entra silla de ruedas",
  withUnknown: "Mostrar también sin información", nearMe: "Cerca de mí", places: "Lugares", legend: "Leyenda",
  zoomIn: "Acercar", zoomOut: "Alejar", zoomAll: "Ver todo", close: "Cerrar", more: "Mostrar más",
  retry: "Intentar de nuevo", loading: "Cargando…", none: "Ningún lugar con estos filtros.",
  countOne: "1 lugar", countMany: "{count} lugares", countPart: "{count} de {total} lugares: use los filtros para ver los demás",
  byDistance: "del más cercano al más lejano", you: "Usted",
  open: "Abierto", openUntil: "Abierto hasta {time}", closed: "Cerrado", closedUntil: "Cerrado, abre {time}",
  unknownHours: "Horario no informado", hours: "Horario", hoursRaw: "Horario registrado",
  access: "Silla de ruedas", accessYes: "Accesible", accessLimited: "Accesible en parte", accessNo: "No accesible",
  accessUnknown: "Sin información", price: "Entrada", free: "Gratuita", paid: "De pago", distance: "Distancia",
  category: "Categoría", place: "Posición", source: "Fuente", confidence: "confianza", confidenceHigh: "alta",
  confidenceMedium: "media", confidenceLow: "baja", uncategorised: "Otros",
  event: "Evento", route: "Ruta", cityResult: "Ciudad", showCity: "ver los lugares de {name}",
  failNetwork: "El servicio no respondió.", failNetworkDetail: "Revise la conexión, o si el servidor está en marcha, e intente de nuevo.",
  failAnswer: "El servicio respondió con un error.", failCard: "No se pudieron leer los detalles de este lugar.",
  locating: "Buscando su posición…", locationDenied: "Usted no permitió el uso de su posición. Nada cambió.",
  locationUnavailable: "Su posición no está disponible en este dispositivo o conexión.",
  forDevelopers: "Para quien desarrolla:", tryApi: "pruebe la API en GraphiQL", sampleQuery: "una consulta de ejemplo",
  outline: "Contorno del estado: geodata-br (CC0).",
};

const byLanguage = { "pt-BR": portuguese, en: english, es: spanish };
const memory = "roteiro.language";

/** The visitor's last choice, else the first language of the browser that we speak, else Portuguese. */
export function preferredLanguage() {
  let chosen = null;
  try { chosen = localStorage.getItem(memory); } catch { /* storage may be forbidden: the browser's wish decides */ }
  if (chosen in byLanguage) return chosen;
  for (const wish of navigator.languages ?? [navigator.language]) {
    const primary = wish.slice(0, 2).toLowerCase();
    if (primary === "pt") return "pt-BR";
    if (primary in byLanguage) return primary;
  }
  return "pt-BR";
}

/** Keeps the choice for the next visit, where the browser allows it. */
export function rememberLanguage(language) {
  try { localStorage.setItem(memory, language); } catch { /* see preferredLanguage */ }
}

/** The words of `key`, with `{name}` places filled from `values`. */
export function say(language, key, values = {}) {
  return byLanguage[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
