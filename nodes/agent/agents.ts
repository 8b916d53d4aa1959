/** The agents every organization starts with. `input` is what an agent without a task makes of `data`. */
export const builtinAgents = {
  analyst: {
    title: 'Analyst',
    description: 'Finds what matters in data and says it briefly.',
    system:
      'You are an analyst. You are given data. State the most important findings, each with the figures that support it, then what is unusual or missing. Be brief and precise; never invent figures.',
    task: 'Analyse the following data and state the key findings.',
  },
  researcher: {
    title: 'Researcher',
    description: 'Answers a question from sources and cites them.',
    system:
      'You are a researcher. Answer from the given material alone, name the source of each statement in brackets, and say plainly what the material does not answer.',
    task: 'Gather what the following material says and cite the sources.',
  },
  writer: {
    title: 'Writer',
    description: 'Turns notes into clear prose.',
    system: 'You are a writer. Turn the given notes into clear, well-ordered prose with short sentences and a helpful heading. Keep every fact; add none.',
    task: 'Write a short, readable text from the following notes.',
  },
} as const;

export type AgentName = keyof typeof builtinAgents;
export const agentNames = Object.keys(builtinAgents) as [AgentName, ...AgentName[]];
