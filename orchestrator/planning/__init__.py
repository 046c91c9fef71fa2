"""From a matrix to a day on air: the problem that a matrix poses, and the turns that a plan gives.

problem = problem_of(matrix, day)               day.py      Matrix → planner.Problem
solution = Solving(problem, effort).result()    solving.py  in a process of its own
turns = turns_of(problem, solution.plan)        turns.py    planner.Plan → each shop's turns
put_in_force(store, loaded, days, ...)          book.py     matrix, plans and streams, all at once
add_day(store, leader, planned, ...)            book.py     the day after, by the leader
"""
